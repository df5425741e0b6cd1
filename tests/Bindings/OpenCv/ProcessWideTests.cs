using System.Diagnostics;
using System.Runtime.CompilerServices;
using OpenCvSharp;

namespace RealtimeSsl.Tests.Bindings;

/// <summary>What is measured or set for the whole process: run alone, or others' work would count.</summary>
[CollectionDefinition(nameof(ProcessWideTests), DisableParallelization = true)]
[Collection(nameof(ProcessWideTests))]
public class ProcessWideTests
{
    [Fact]
    public void Ten_thousand_matrices_leave_no_native_memory_behind()
    {
        static void CreateAndDispose(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var mat = new Mat(64, 64, MatType.CV_8UC3, Scalar.Red);
                using var view = new Mat(mat, new Rect(0, 0, 32, 32));
                Cv2.BitwiseNot(view, view);
            }
        }

        CreateAndDispose(200);
        var before = ResidentBytes();
        CreateAndDispose(10_000);

        // What leaks would be 10,000 x 12 KiB.
        Assert.InRange(ResidentBytes() - before, long.MinValue, 30L << 20);
    }

    [Fact]
    public void Forgotten_matrices_are_freed_by_the_finalizer()
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget()
        {
            for (var i = 0; i < 64; i++) _ = new Mat(1024, 1024, MatType.CV_8UC1, Scalar.All(1));
        }

        var before = ResidentBytes();
        for (var i = 0; i < 8; i++)
        {
            Forget();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        // 512 MiB were allocated in all, 64 at a time.
        Assert.InRange(ResidentBytes() - before, long.MinValue, 200L << 20);
    }

    [Fact]
    public void The_library_tells_its_version_and_obeys_the_number_of_threads()
    {
        Assert.Matches(@"^4\.\d+\.\d+", Cv2.GetVersionString());
        Assert.Contains("Video I/O", Cv2.GetBuildInformation(), StringComparison.Ordinal);

        var before = Cv2.GetNumThreads();
        Cv2.SetNumThreads(1);
        Assert.Equal(1, Cv2.GetNumThreads());
        Cv2.SetNumThreads(before);
    }

    private static long ResidentBytes()
    {
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
