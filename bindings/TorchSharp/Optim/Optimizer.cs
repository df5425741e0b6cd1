using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public interface ILearningRateController
            {
                double LearningRate { get; set; }
                double InitialLearningRate { get; set; }
            }

            public interface IMomentum
            {
                double Momentum { get; set; }
            }

            public interface IBetas
            {
                (double, double) Betas { get; set; }
            }

            public abstract partial class Optimizer : IDisposable
            {
                private protected Optimizer()
                {
                }

                protected IList<ParamGroup> _parameter_groups = [];

                public virtual IEnumerable<ILearningRateController> ParamGroups => _parameter_groups;
                public virtual IEnumerable<Parameter> parameters() => _parameter_groups.SelectMany(static g => g.Parameters);

                public abstract void zero_grad();
                public abstract void add_param_group(ParamGroup param_group);
                public abstract Tensor? step(Func<Tensor>? closure = null);

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                protected virtual void Dispose(bool disposing)
                {
                }

                /// <summary>The optimizer's own options and states, not copies of them.</summary>
                public class StateDictionary
                {
                    internal StateDictionary()
                    {
                    }

                    public List<OptimizerOptions> Options { get; } = [];
                    public List<OptimizerState> State { get; } = [];
                    public List<List<int>> StateIndexRef { get; } = [];
                }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public abstract class OptimizerHelper : Optimizer
    {
        private readonly Dictionary<Parameter, OptimizerState> states = new(ReferenceEqualityComparer.Instance);

        /// <summary>Sets the gradients to zero, so they keep their memory; Module.zero_grad frees it.</summary>
        public override void zero_grad()
        {
            foreach (var parameter in parameters())
            {
                using var gradient = parameter.grad;
                gradient?.zero_();
            }
        }

        public virtual StateDictionary state_dict()
        {
            StateDictionary all = new();
            foreach (var group in _parameter_groups)
            {
                all.Options.Add(group.Options);
                List<int> places = [];
                all.StateIndexRef.Add(places);
                foreach (var parameter in group.Parameters)
                {
                    places.Add(all.State.Count);
                    all.State.Add(states[parameter]);
                }
            }
            return all;
        }

        public virtual void load_state_dict(StateDictionary state_dict)
        {
            var own = this.state_dict();
            Check(state_dict.Options.Count, state_dict.State.Count, own);
            foreach (var (to, from) in own.Options.Zip(state_dict.Options).Where(static p => p.First != p.Second))
            {
                to.LoadStateDict(from);
            }
            foreach (var (to, from) in own.State.Zip(state_dict.State).Where(static p => p.First != p.Second))
            {
                to.LoadStateDict(from);
            }
        }

        public void save_state_dict(string location)
        {
            using var writer = new BinaryWriter(File.Create(location));
            save_state_dict(writer);
        }

        /// <summary>The real package's format: the optimizer's name, the numbers of groups and states (LEB128), then each of them.</summary>
        public void save_state_dict(BinaryWriter writer)
        {
            writer.Write(GetType().Name);
            var all = state_dict();
            writer.Encode(all.Options.Count);
            writer.Encode(all.State.Count);
            all.Options.ForEach(o => o.SaveStateDict(writer));
            all.State.ForEach(s => s.SaveStateDict(writer));
        }

        public void load_state_dict(string location)
        {
            using var reader = new BinaryReader(File.OpenRead(location));
            load_state_dict(reader);
        }

        public void load_state_dict(BinaryReader reader)
        {
            var name = reader.ReadString();
            if (name != GetType().Name)
            {
                throw new InvalidDataException($"Mismatched optimizer type: expected '{GetType().Name}', but found '{name}' in the loaded stream.");
            }
            var own = state_dict();
            Check(reader.Decode(), reader.Decode(), own);
            own.Options.ForEach(o => o.LoadStateDict(reader));
            own.State.ForEach(s => s.LoadStateDict(reader));
        }

        private static void Check(long groups, long states, StateDictionary own)
        {
            if (groups != own.Options.Count)
            {
                throw new ArgumentException("Invalid optimizer state -- different number of parameter groups.");
            }
            if (states != own.State.Count)
            {
                throw new ArgumentException("Invalid optimizer state -- different number of states.");
            }
        }

        protected override void Dispose(bool disposing)
        {
            foreach (var state in states.Values.OfType<IDisposable>())
            {
                state.Dispose();
            }
            states.Clear();
            base.Dispose(disposing);
        }

        /// <summary>Completes the group's options and gives each of its parameters a state.</summary>
        private protected void Add(ParamGroup group, OptimizerOptions options, Func<Parameter, OptimizerState> state)
        {
            options.InitialLearningRate = options.LearningRate!.Value;
            group.Options = options;
            group.Parameters = [.. group.Parameters];
            _parameter_groups.Add(group);
            foreach (var parameter in group.Parameters)
            {
                (states[parameter] = state(parameter)).Initialize(options);
            }
        }

        /// <summary>Runs <paramref name="update"/> for every parameter that has a gradient, unrecorded; what it makes is disposed.</summary>
        private protected Tensor? Step<TOptions, TState>(Func<Tensor>? closure, Action<Parameter, Tensor, TOptions, TState> update) where TOptions : OptimizerOptions where TState : OptimizerState
        {
            Tensor? loss = null;
            if (closure is not null)
            {
                using var graded = enable_grad();
                loss = closure();
            }
            using var ungraded = no_grad();
            foreach (var group in _parameter_groups)
            {
                foreach (var parameter in group.Parameters)
                {
                    using var scope = NewDisposeScope();
                    if (parameter.grad is { } gradient)
                    {
                        update(parameter, gradient, (TOptions)group.Options, (TState)states[parameter]);
                    }
                }
            }
            return loss;
        }
    }

    public class OptimizerOptions
    {
        public double? LearningRate { get; set; }
        public double InitialLearningRate { get; set; }

        public virtual void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(InitialLearningRate);
            writer.Write(LearningRate!.Value);
        }

        public virtual void LoadStateDict(BinaryReader reader)
        {
            InitialLearningRate = reader.ReadDouble();
            LearningRate = reader.ReadDouble();
        }

        public virtual void LoadStateDict(OptimizerOptions source) => (InitialLearningRate, LearningRate) = (source.InitialLearningRate, source.LearningRate);
    }

    public abstract class OptimizerState
    {
        protected Parameter _parameter;

        protected OptimizerState(Parameter parameter) => _parameter = parameter;

        public abstract void SaveStateDict(BinaryWriter writer);
        public abstract void LoadStateDict(BinaryReader reader);
        public abstract void LoadStateDict(OptimizerState source);
        public abstract void Initialize(OptimizerOptions options);

        protected static void SaveConditionalStateTensor(BinaryWriter writer, Tensor? tensor)
        {
            writer.Write(tensor is not null);
            tensor?.Save(writer);
        }

        protected static void LoadConditionalStateTensor(BinaryReader reader, ref Tensor? result, Device device)
        {
            result?.Dispose();
            result = reader.ReadBoolean() ? TensorExtensionMethods.Load(reader).to(device, disposeAfter: true).DetachFromDisposeScope() : null;
        }

        /// <summary>Zeros of the parameter's shape that belong to no scope.</summary>
        private protected Tensor Zeros()
        {
            using var ungraded = no_grad();
            return zeros_like(_parameter).DetachFromDisposeScope();
        }

        private protected static void Copy(ref Tensor? to, Tensor? from)
        {
            to?.Dispose();
            to = from?.clone().DetachFromDisposeScope();
        }
    }

    public class ParamGroup : ILearningRateController
    {
        public IEnumerable<Parameter> Parameters { get; set; } = [];
        public OptimizerOptions Options { get; set; } = null!;
        public double LearningRate { get => Options.LearningRate!.Value; set => Options.LearningRate = value; }
        public double InitialLearningRate { get => Options.InitialLearningRate; set => Options.InitialLearningRate = value; }
    }

    public class ParamGroup<TOptions> : ParamGroup where TOptions : OptimizerOptions
    {
        public ParamGroup()
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, TOptions? options = null) => (Parameters, base.Options) = (parameters, options!);

        public new TOptions Options { get => (TOptions)base.Options; set => base.Options = value; }
    }
}
