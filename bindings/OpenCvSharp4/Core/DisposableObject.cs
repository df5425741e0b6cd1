namespace OpenCvSharp;

/// <summary>Base of all that holds native memory: disposed once, and says so when used afterwards.</summary>
public abstract class DisposableObject : IDisposable
{
    private int disposed;

    private protected DisposableObject()
    {
    }

    public bool IsDisposed => Volatile.Read(ref disposed) != 0;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0) DisposeUnmanaged();
    }

    protected virtual void DisposeUnmanaged()
    {
    }

    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(IsDisposed, this);
}

/// <summary>Base of all that stands for one native object. Only classes that own one have a finalizer.</summary>
public abstract class CvObject : DisposableObject
{
    private protected nint handle;

    private protected CvObject()
    {
    }

    public IntPtr CvPtr => handle;
}
