namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>The first rate times a function of the epoch.</summary>
                public class LambdaLR : LRScheduler
                {
                    private readonly Func<int, double> factor;

                    public LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        factor = lr_lambda;
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => atFirst.Select(r => r * factor(epoch));
                }

                public class StepLR : LRScheduler
                {
                    private readonly int every;
                    private readonly double gamma;

                    public StepLR(Optimizer optimizer, int step_size, double gamma = 0.1, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        (every, this.gamma) = (step_size, gamma);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => epoch == 0 || epoch % every != 0 ? Now : Now.Select(r => r * gamma);
                    protected override IEnumerable<double> get_closed_form_lr() => atFirst.Select(r => r * Math.Pow(gamma, epoch / every));
                }

                public class MultiStepLR : LRScheduler
                {
                    private readonly IList<int> milestones;
                    private readonly double gamma;

                    public MultiStepLR(Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        (this.milestones, this.gamma) = (milestones, gamma);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => milestones.Contains(epoch) ? Now.Select(r => r * gamma) : Now;
                    protected override IEnumerable<double> get_closed_form_lr() => atFirst.Select(r => r * Math.Pow(gamma, milestones.Distinct().Count(m => m <= epoch)));
                }

                public class ExponentialLR : LRScheduler
                {
                    private readonly double gamma;

                    public ExponentialLR(Optimizer optimizer, double gamma = 0.1, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        this.gamma = gamma;
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => epoch == 0 ? Now : Now.Select(r => r * gamma);
                    protected override IEnumerable<double> get_closed_form_lr() => atFirst.Select(r => r * Math.Pow(gamma, epoch));
                }

                /// <summary>A part of the rate for so many epochs, then all of it.</summary>
                public class ConstantLR : LRScheduler
                {
                    private readonly double factor;
                    private readonly int total;

                    public ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, int total_iters = 5, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        (this.factor, total) = (factor, total_iters);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => epoch == 0 ? Now.Select(r => r * factor) : epoch == total ? Now.Select(r => r * (1.0 / factor)) : Now;
                    protected override IEnumerable<double> get_closed_form_lr() => atFirst.Select(r => r * (epoch >= total ? 1 : factor));
                }

                /// <summary>From one part of the rate to another in equal steps: the usual warm-up.</summary>
                public class LinearLR : LRScheduler
                {
                    private readonly double start, end;
                    private readonly int total;

                    public LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1.0, int total_iters = 5, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        (start, end, total) = (start_factor, end_factor, total_iters);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() =>
                        epoch == 0 ? Now.Select(r => r * start)
                        : epoch > total ? Now
                        : Now.Select(r => r * (1 + ((end - start) / ((total * start) + ((epoch - 1) * (end - start))))));

                    protected override IEnumerable<double> get_closed_form_lr() => atFirst.Select(r => r * (start + ((end - start) * Math.Min(total, epoch) / total)));
                }

                public class CosineAnnealingLR : LRScheduler
                {
                    private readonly double period, least;

                    public CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        (period, least) = (T_max, eta_min);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() =>
                        epoch == 0 ? Now
                        : (epoch - 1 - period) % (2 * period) == 0 ? Now.Zip(atFirst, (now, first) => now + ((first - least) * (1 - Math.Cos(Math.PI / period)) / 2))
                        : Now.Select(r => ((1 + Math.Cos(Math.PI * epoch / period)) / (1 + Math.Cos(Math.PI * (epoch - 1) / period)) * (r - least)) + least);

                    protected override IEnumerable<double> get_closed_form_lr() => atFirst.Select(r => least + ((r - least) * (1 + Math.Cos(Math.PI * epoch / period)) / 2));
                }

                /// <summary>One scheduler after the other; a milestone is the epoch at which the next begins.</summary>
                public class SequentialLR : LRScheduler
                {
                    private readonly LRScheduler[] schedulers;
                    private readonly int[] milestones;

                    public SequentialLR(Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<int> milestones, int last_epoch = -1) : base(optimizer, last_epoch + 1)
                    {
                        (this.schedulers, this.milestones) = ([.. schedulers], [.. milestones]);
                        if (this.schedulers.Any(s => s.Optimizer != optimizer))
                        {
                            throw new ArgumentException("The SequentialLR scheduler expects all its sub-schedulers to be bound to the same optimizer.");
                        }
                        if (this.milestones.Length != this.schedulers.Length - 1)
                        {
                            throw new ArgumentException($"{this.schedulers.Length} schedulers need one milestone less, not {this.milestones.Length}");
                        }
                        foreach (var group in optimizer.ParamGroups)
                        {
                            group.LearningRate = group.InitialLearningRate;
                        }
                        foreach (var scheduler in this.schedulers)
                        {
                            scheduler.Back();
                        }
                        this.schedulers[0].step();
                        latest = [.. Now];
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        var current = milestones.Count(m => m <= epoch);
                        schedulers[current].step(current > 0 && milestones[current - 1] == epoch ? 0 : (int?)null);
                        return Now;
                    }
                }
            }
        }
    }
}
