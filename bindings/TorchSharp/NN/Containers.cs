using System.Collections;
using System.Globalization;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Modules one after the other. What lies between two of them is disposed as soon as the next has run.</summary>
    public class Sequential : nn.Module<Tensor, Tensor>
    {
        private readonly List<nn.IModule<Tensor, Tensor>> items = [];

        internal Sequential() : base(nameof(Sequential))
        {
        }

        protected Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) : this()
        {
            foreach (var (name, submodule) in modules)
            {
                append(name, submodule);
            }
        }

        protected Sequential(params nn.Module<Tensor, Tensor>[] modules) : this()
        {
            foreach (var module in modules)
            {
                append(module);
            }
        }

        public int Count => items.Count;

        [System.Runtime.CompilerServices.IndexerName("SequentialItems")]
        public nn.IModule<Tensor, Tensor> this[int index] => items[index];

        public Sequential append(nn.IModule<Tensor, Tensor> module) => append(items.Count.ToString(CultureInfo.InvariantCulture), module);

        public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
        {
            register_module(name, (nn.Module)module);
            items.Add(module);
            return this;
        }

        public override Tensor forward(Tensor tensor)
        {
            if (items.Count == 0)
            {
                return tensor.alias();
            }
            var current = items[0].call(tensor);
            for (var k = 1; k < items.Count; k++)
            {
                var next = items[k].call(current);
                current.Dispose();
                current = next;
            }
            return current;
        }

        // The list is no component; its modules are registered as they come.
        protected override void RegisterComponents()
        {
        }
    }

    /// <summary>Modules by number. They are registered when the list itself is, as a field of another module.</summary>
    public class ModuleList<T> : nn.Module, IList<T> where T : nn.Module
    {
        private readonly List<T> items;
        private bool done;

        public ModuleList(params T[] modules) : base(nameof(ModuleList<T>)) => items = [.. modules];

        public T this[int index]
        {
            get => items[index];
            set => items[index] = value;
        }

        public int Count => items.Count;
        public bool IsReadOnly => false;
        public void Add(T item) => items.Add(item);
        public void append(params T[] parameters) => items.AddRange(parameters);
        public void extend(IEnumerable<T> modules) => items.AddRange(modules);
        public void Insert(int index, T item) => items.Insert(index, item);
        public bool Remove(T item) => items.Remove(item);
        public void RemoveAt(int index) => items.RemoveAt(index);
        public void Clear() => items.Clear();
        public bool Contains(T item) => items.Contains(item);
        public int IndexOf(T item) => items.IndexOf(item);
        public void CopyTo(T[] array, int arrayIndex) => items.CopyTo(array, arrayIndex);
        public IEnumerator<T> GetEnumerator() => items.GetEnumerator();
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        protected override void RegisterComponents()
        {
            if (done)
            {
                return;
            }
            done = true;
            for (var k = 0; k < items.Count; k++)
            {
                register_module(k.ToString(CultureInfo.InvariantCulture), items[k]);
            }
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Sequential Sequential() => new();

            public static Modules.Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => Sequential((IEnumerable<(string, Module<Tensor, Tensor>)>)modules);
            public static Modules.Sequential Sequential(params Module<Tensor, Tensor>[] modules) => Sequential((IEnumerable<Module<Tensor, Tensor>>)modules);

            public static Modules.Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules)
            {
                Modules.Sequential all = new();
                foreach (var (name, submodule) in modules)
                {
                    all.append(name, submodule);
                }
                return all;
            }

            public static Modules.Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules)
            {
                Modules.Sequential all = new();
                foreach (var module in modules)
                {
                    all.append(module);
                }
                return all;
            }

            public static Modules.ModuleList<Module> ModuleList(params Module[] modules) => new(modules);
            public static Modules.ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);
        }
    }
}
