using static TorchSharp.torch.optim.lr_scheduler.impl;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Each scheduler takes its first step when it is made: the rate is right before the first epoch.</summary>
        public static partial class lr_scheduler
        {
            public abstract class LRScheduler
            {
                private protected readonly Optimizer optimizer;
                private protected readonly List<double> atFirst;
                private protected List<double> latest;
                private protected int epoch;
                private readonly bool verbose;

                protected int _step_count;

                private protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    (this.optimizer, epoch, this.verbose) = (optimizer, last_epoch, verbose);
                    atFirst = [.. optimizer.ParamGroups.Select(static g => g.InitialLearningRate)];
                    latest = [.. Now];
                }

                private protected IEnumerable<double> Now => optimizer.ParamGroups.Select(static g => g.LearningRate);

                public virtual void step() => step(null);
                public virtual void step(double current, int? epoch = null) => step(epoch);

                public virtual void step(int? epoch)
                {
                    _step_count++;
                    this.epoch = epoch ?? this.epoch + 1;
                    List<double> rates = [.. epoch is null ? get_lr() : get_closed_form_lr()];
                    foreach (var (group, rate) in optimizer.ParamGroups.Zip(rates))
                    {
                        if (verbose && group.LearningRate != rate)
                        {
                            Console.WriteLine($"Adjusting learning rate to {rate}");
                        }
                        group.LearningRate = rate;
                    }
                    latest = rates;
                }

                public IEnumerable<double> get_last_lr() => latest;

                protected virtual IEnumerable<double> get_lr() => Now;
                protected virtual IEnumerable<double> get_closed_form_lr() => get_lr();

                /// <summary>For a sequence, which lets its schedulers begin again.</summary>
                internal void Back() => epoch--;

                internal Optimizer Optimizer => optimizer;
            }

            public static LRScheduler LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) => new LambdaLR(optimizer, lr_lambda, last_epoch, verbose);
            public static LRScheduler StepLR(Optimizer optimizer, int step_size, double gamma = 0.1, int last_epoch = -1, bool verbose = false) => new StepLR(optimizer, step_size, gamma, last_epoch, verbose);

            public static LRScheduler MultiStepLR(Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new MultiStepLR(optimizer, milestones, gamma, last_epoch, verbose);

            public static LRScheduler ExponentialLR(Optimizer optimizer, double gamma = 0.1, int last_epoch = -1, bool verbose = false) => new ExponentialLR(optimizer, gamma, last_epoch, verbose);

            public static LRScheduler ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, int total_iters = 5, int last_epoch = -1, bool verbose = false) =>
                new ConstantLR(optimizer, factor, total_iters, last_epoch, verbose);

            public static LRScheduler LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1.0, int total_iters = 5, int last_epoch = -1, bool verbose = false) =>
                new LinearLR(optimizer, start_factor, end_factor, total_iters, last_epoch, verbose);

            public static LRScheduler CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false) =>
                new CosineAnnealingLR(optimizer, T_max, eta_min, last_epoch, verbose);

            public static LRScheduler SequentialLR(Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<int> milestones, int last_epoch = -1) =>
                new SequentialLR(optimizer, schedulers, milestones, last_epoch);
        }
    }
}
