using System.Diagnostics;
using System.Globalization;

namespace RealtimeSsl.Tests.Support;

/// <summary>
/// An RTSP camera of the test's own (GStreamer's RTSP server): /live has H.264 and G.711, /silent no sound; 25 fps, 160 x 120.
/// </summary>
public sealed class RtspServer : IDisposable
{
    private const string Probe = """
        import sys, gi
        gi.require_version("Gst", "1.0")
        gi.require_version("GstRtspServer", "1.0")
        from gi.repository import Gst
        Gst.init(None)
        sys.exit(not all(map(Gst.ElementFactory.find, ("videotestsrc", "x264enc", "rtph264pay", "alawenc", "rtppcmapay"))))
        """;

    private const string Script = """
        import sys, gi
        gi.require_version("Gst", "1.0")
        gi.require_version("GstRtspServer", "1.0")
        from gi.repository import Gst, GstRtspServer, GLib
        Gst.init(None)
        video = ("videotestsrc is-live=true pattern=ball ! video/x-raw,width=160,height=120,framerate=25/1 ! "
                 "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 ! rtph264pay name=pay0 pt=96 config-interval=1 ")
        sound = "audiotestsrc is-live=true wave=ticks ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8"
        server = GstRtspServer.RTSPServer()
        server.set_address("127.0.0.1")
        server.set_service(sys.argv[1])
        if len(sys.argv) > 2:
            auth = GstRtspServer.RTSPAuth()
            token = GstRtspServer.RTSPToken()
            token.set_string("media.factory.role", "user")
            auth.add_basic(GstRtspServer.RTSPAuth.make_basic("eve", sys.argv[2]), token)
            server.set_auth(auth)
        for path, line in (("/live", video + sound), ("/silent", video)):
            factory = GstRtspServer.RTSPMediaFactory()
            factory.set_launch("( " + line + " )")
            factory.set_shared(True)
            if len(sys.argv) > 2:
                role = "user, media.factory.access=true, media.factory.construct=true"
                factory.add_role_from_structure(Gst.Structure.from_string(role)[0])
            server.get_mount_points().add_factory(path, factory)
        server.attach(None)
        if server.get_bound_port() <= 0:
            sys.exit("cannot bind")
        print(server.get_bound_port(), flush=True)
        GLib.MainLoop().run()
        """;

    private readonly string? _password;
    private Process? _process;

    /// <param name="password">Of the user "eve"; null lets anybody in.</param>
    public RtspServer(string? password = null)
    {
        _password = password;
        Assert.SkipUnless(
            File.Exists("/usr/bin/python3") && Run("-c", Probe).WaitForExitCode() == 0,
            "needs python3-gi, gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good and -ugly");
        Start();
    }

    public int Port { get; private set; }

    public string Url(string path) => $"rtsp://127.0.0.1:{Port}/{path}";

    /// <summary>Starts it (again, on the same port).</summary>
    public void Start()
    {
        string[] password = _password is null ? [] : [_password];
        string[] arguments = ["-c", Script, Port.ToString(CultureInfo.InvariantCulture), .. password];
        _process = Run(arguments);
        var line = _process.StandardOutput.ReadLine();
        Assert.True(int.TryParse(line, CultureInfo.InvariantCulture, out var port), "the RTSP server does not start");
        Port = port;
    }

    /// <summary>The camera loses its power.</summary>
    public void Kill()
    {
        _process!.Kill(entireProcessTree: true);
        Assert.True(_process.WaitForExit(TimeSpan.FromSeconds(10)));
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            Kill();
        }
    }

    private static Process Run(params string[] arguments)
    {
        // timeout bounds the server's life should the test run itself be killed.
        var start = new ProcessStartInfo("timeout") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-k", "1", "300", "/usr/bin/python3", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}

file static class ProcessExtensions
{
    public static int WaitForExitCode(this Process process)
    {
        using (process)
        {
            return process.WaitForExit(TimeSpan.FromSeconds(30)) ? process.ExitCode : -1;
        }
    }
}
