using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A stream of random numbers. The default one is libtorch's own, for the whole process.</summary>
    public class Generator : IDisposable
    {
        private nint handle;

        public Generator(ulong seed = 0, Device? device = null)
        {
            if (device is not null && device.type != DeviceType.CPU)
            {
                throw new NotSupportedException("a generator for another device than the CPU");
            }
            Native.Check(Native.generator_new((long)seed, out handle));
        }

        private Generator(nint handle) => this.handle = handle;

        ~Generator() => Dispose(false);

        internal nint Handle => handle != 0 ? handle : throw new ObjectDisposedException(nameof(Generator));

        public static Generator Default
        {
            get
            {
                Native.Check(Native.generator_default(out var found));
                return new Generator(found);
            }
        }

        public Device device => CPU;

        public Tensor get_state()
        {
            Native.Check(Native.generator_state(Handle, out var state));
            return new Tensor(state);
        }

        public void set_state(Tensor value) => Native.Check(Native.generator_set_state(Handle, value.Handle));

        public Generator manual_seed(long seed)
        {
            Native.Check(Native.generator_seed(Handle, seed));
            return this;
        }

        public long seed()
        {
            Native.Check(Native.generator_reseed(Handle, out var chosen));
            return chosen;
        }

        public long initial_seed() => Native.generator_initial_seed(Handle);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (Interlocked.Exchange(ref handle, 0) is not 0 and var held)
            {
                Native.generator_delete(held);
            }
        }
    }

    public static Generator manual_seed(long seed) => random.manual_seed(seed);
    public static long seed() => random.seed();
    public static long initial_seed() => random.initial_seed();
    public static Tensor get_rng_state() => random.get_rng_state();
    public static void set_rng_state(Tensor new_state) => random.set_rng_state(new_state);

    public static partial class random
    {
        public static Generator manual_seed(long seed)
        {
            Native.Check(Native.manual_seed(seed));
            return Generator.Default;
        }

        public static long seed()
        {
            using var generator = Generator.Default;
            return generator.seed();
        }

        public static long initial_seed()
        {
            using var generator = Generator.Default;
            return generator.initial_seed();
        }

        public static Tensor get_rng_state()
        {
            using var generator = Generator.Default;
            return generator.get_state();
        }

        public static void set_rng_state(Tensor new_state)
        {
            using var generator = Generator.Default;
            generator.set_state(new_state);
        }
    }

    public static int get_num_threads() => Native.get_threads();
    public static void set_num_threads(int num) => Native.Check(Native.set_threads(num));
    public static int get_num_interop_threads() => Native.get_interop_threads();
    public static void set_num_interop_threads(int num) => Native.Check(Native.set_interop_threads(num));
}
