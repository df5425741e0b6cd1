using System.Globalization;
using System.Numerics;
using System.Text;

namespace RealtimeSsl.Training.Import.Pickle;

/// <summary>
/// Reads a pickle of the protocols 2 to 5 and can run no code. A pickle is a program for a stack machine; the four instructions that import names and call
/// them reach only <see cref="PickleWords"/>, a closed list, and whatever is not on it is refused by its name. No recursion, no hashing of what the
/// file chooses; memory within a budget; time in proportion to the length. Opcodes as in CPython's Lib/pickletools.py.
/// </summary>
/// <param name="input">Its bytes; more may follow.</param>
/// <param name="words">The names it may use.</param>
/// <param name="budget">What its objects may cost.</param>
internal sealed class PickleReader(ByteReader input, PickleWords words, MemoryBudget budget)
{
    private const int DeepestMark = 1000;
    private const int LongestNumber = 255;
    private const int Slot = 24;
    private const int Small = 40;

    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly List<object?> _memo = [];
    private int _highest;

    /// <summary>Reads one pickle.</summary>
    /// <returns>What it describes.</returns>
    /// <exception cref="ImportException">It is damaged, or asks for what no checkpoint needs.</exception>
    public object? Read()
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        while (true)
        {
            var at = input.Position;
            var opcode = (char)input.Byte();
            if (opcode == '.')
            {
                return Pop();
            }

            if (!(Number(opcode) || Text(opcode) || Collection(opcode) || Stack(opcode) || Name(opcode)))
            {
                throw Refuse($"opcode 0x{(int)opcode:x2} at byte {at} is none of a checkpoint's: the file is damaged, or no pickle of protocol 2 to 5");
            }
        }
    }

    private bool Number(char opcode)
    {
        object? value;
        switch (opcode)
        {
            case 'N': value = null; break;
            case '\x88': value = true; break;
            case '\x89': value = false; break;
            case 'K': value = (long)input.Byte(); break;
            case 'M': value = (long)input.Number(2); break;
            case 'J': value = (long)(int)input.Number(4); break;
            case '\x8a': value = Long(input.Byte()); break;
            case '\x8b': value = Long(input.Number(4)); break;
            case 'I' or 'L': value = Decimal(input.Line().TrimEnd('L')); break;
            case 'G': value = input.BigEndianDouble(); break;
            default: return false;
        }

        budget.Charge(Small);
        Push(value);
        return true;
    }

    private bool Text(char opcode)
    {
        switch (opcode)
        {
            case 'X': Push(Unicode(input.Number(4))); break;
            case '\x8c': Push(Unicode(input.Byte())); break;
            case '\x8d': Push(Unicode(input.Number(8))); break;

            // Python 2's str.
            case 'T': Push(Encoding.Latin1.GetString(Raw(input.Number(4), 3))); break;
            case 'U': Push(Encoding.Latin1.GetString(Raw(input.Byte(), 3))); break;

            case 'B': Push(Raw(input.Number(4))); break;
            case 'C': Push(Raw(input.Byte())); break;
            case '\x8e' or '\x96': Push(Raw(input.Number(8))); break;
            default: return false;
        }

        return true;
    }

    private bool Collection(char opcode)
    {
        switch (opcode)
        {
            case ')': Push(Tuple([])); break;
            case 't': Push(Tuple(ToMark())); break;
            case '\x85': Push(Tuple(Take(1))); break;
            case '\x86': Push(Tuple(Take(2))); break;
            case '\x87': Push(Tuple(Take(3))); break;
            case ']' or '\x8f': Push(List([])); break;
            case '\x91': Push(List(ToMark())); break;
            case 'a': Append(Take(1)); break;
            case 'e' or '\x90': Append(ToMark()); break;
            case '}': Push(Dict([])); break;
            case 'd': Push(Dict(ToMark())); break;
            case 's': Fill(Take(2)); break;
            case 'u': Fill(ToMark()); break;
            default: return false;
        }

        return true;
    }

    private bool Stack(char opcode)
    {
        switch (opcode)
        {
            case '\x80': Protocol(input.Byte()); break;

            // FRAME: a hint for reading ahead; it must be true all the same.
            case '\x95': input.Need(input.Number(8)); break;
            case '(': Mark(); break;
            case '0': Pop(); break;
            case '1': ToMark(); break;
            case '2': Push(Top()); break;
            case 'q': Remember(input.Byte()); break;
            case 'r': Remember(input.Number(4)); break;
            case '\x94': Remember((ulong)_memo.Count); break;
            case 'h': Push(Recall(input.Byte())); break;
            case 'j': Push(Recall(input.Number(4))); break;
            default: return false;
        }

        return true;
    }

    private bool Name(char opcode)
    {
        switch (opcode)
        {
            case 'c': Push(words.Find(input.Line(), input.Line())); break;
            case '\x93':
                var names = Take(2);
                Push(words.Find(names[0] as string ?? "?", names[1] as string ?? "?"));
                break;
            case 'R' or '\x81': Push(Call(Take(2))); break;
            case 'Q': Push(words.Storage(Pop())); break;
            case 'b':
                // The state of what was just made: attributes like the versions of a state_dict's modules, or numpy's. None matters to us.
                Pop();
                words.CheckState(Top());
                break;
            case 'i': throw words.Forbidden(input.Line() + "." + input.Line(), "INST");
            case 'o': throw words.Forbidden(ToMark().FirstOrDefault() is PickleWord w ? w.Name : "an object", "OBJ");
            case '\x92': throw words.Forbidden(Take(3)[0] is PickleWord type ? type.Name : "an object", "NEWOBJ_EX");
            default: return false;
        }

        return true;
    }

    private object? Call(object?[] target)
    {
        if (target[0] is not PickleWord word || target[1] is not PickleTuple arguments)
        {
            throw Refuse($"at byte {input.Position} it calls something that is no name: the file is damaged");
        }

        budget.Charge(Small);
        return word.Call is { } call ? call(words, arguments.Items) : throw words.Forbidden(word.Name, "REDUCE");
    }

    private object Long(ulong bytes)
    {
        switch (bytes)
        {
            case <= 8:
                var number = 0L;
                var digits = input.Bytes(bytes);
                for (var i = digits.Length - 1; i >= 0; i--)
                {
                    // The highest byte has the sign.
                    number = i == digits.Length - 1 ? (sbyte)digits[i] : number << 8 | digits[i];
                }

                return number;
            case <= LongestNumber:
                return new BigInteger(input.Bytes(bytes));
            default:
                throw Refuse($"at byte {input.Position} a whole number of {bytes} bytes: no checkpoint has one");
        }
    }

    private object Decimal(string digits) => digits switch
    {
        "00" => false,
        "01" => true,
        _ => long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Refuse($"at byte {input.Position} '{digits}' is no whole number of 64 bits"),
    };

    private string Unicode(ulong bytes) => Encoding.UTF8.GetString(Raw(bytes, 3));

    private byte[] Raw(ulong bytes, int copies = 1)
    {
        input.Need(bytes);
        budget.Charge(Small + (long)bytes * copies);
        return input.Bytes(bytes);
    }

    private PickleTuple Tuple(object?[] items)
    {
        budget.Charge(Small);
        return new PickleTuple(items);
    }

    private PickleList List(object?[] items)
    {
        budget.Charge(2 * Small);
        var list = new PickleList();
        Fill(list.Items, items);
        return list;
    }

    private PickleDict Dict(object?[] items)
    {
        budget.Charge(2 * Small);
        var dict = new PickleDict();
        words.Fill(dict, items);
        return dict;
    }

    private void Append(object?[] items) =>
        Fill((Top() as PickleList ?? throw Refuse($"at byte {input.Position} it appends to what is no list: the file is damaged")).Items, items);

    private void Fill(List<object?> list, object?[] items)
    {
        budget.Charge(Slot * (1 + items.Length));
        list.AddRange(items);
    }

    private void Fill(object?[] items) =>
        words.Fill(Top() as PickleDict ?? throw Refuse($"at byte {input.Position} it fills what is no dictionary: the file is damaged"), items);

    private void Protocol(byte version)
    {
        if (version is < 2 or > 5)
        {
            throw Refuse($"a pickle of protocol {version}; 2 to 5 are read");
        }
    }

    private void Push(object? value)
    {
        _stack.Add(value);
        if (_stack.Count > _highest)
        {
            _highest = _stack.Count;
            budget.Charge(Slot);
        }
    }

    private object? Top() => _stack.Count > Floor() ? _stack[^1] : throw Refuse(Empty());

    private object? Pop() => Take(1)[0];

    private object?[] Take(int count)
    {
        var from = _stack.Count - count;
        if (from < Floor())
        {
            throw Refuse(Empty());
        }

        return Cut(from);
    }

    private void Mark()
    {
        if (_marks.Count == DeepestMark)
        {
            throw Refuse($"at byte {input.Position} it is nested more than {DeepestMark} deep: no checkpoint is");
        }

        _marks.Add(_stack.Count);
    }

    private object?[] ToMark()
    {
        if (_marks.Count == 0)
        {
            throw Refuse(Empty());
        }

        var from = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return Cut(from);
    }

    private object?[] Cut(int from)
    {
        var items = new object?[_stack.Count - from];
        budget.Charge(items.Length > 3 ? 8L * items.Length : 0);
        _stack.CopyTo(from, items, 0, items.Length);
        _stack.RemoveRange(from, items.Length);
        return items;
    }

    private int Floor() => _marks.Count == 0 ? 0 : _marks[^1];

    private void Remember(ulong index)
    {
        // Picklers number from 0 (Python 3) or from 1 (Python 2) without gaps: a far number would only be there to make us allocate.
        if (index > (ulong)_memo.Count + 1)
        {
            throw Refuse($"at byte {input.Position} memo {index} comes after {_memo.Count}: the file is damaged");
        }

        while (_memo.Count <= (int)index)
        {
            budget.Charge(Slot);
            _memo.Add(null);
        }

        _memo[(int)index] = Top();
    }

    private object? Recall(ulong index) =>
        index < (ulong)_memo.Count ? _memo[(int)index] : throw Refuse($"at byte {input.Position} memo {index} is empty: the file is damaged");

    private string Empty() => $"at byte {input.Position} it takes from an empty stack: the file is damaged";

    private ImportException Refuse(string reason) => input.Refuse(reason);
}
