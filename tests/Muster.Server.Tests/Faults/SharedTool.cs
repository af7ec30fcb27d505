using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Muster.Server.Tests.Faults;

/// <summary>A program of ../shared/tools, run beside a test.</summary>
sealed class SharedTool : IDisposable
{
    static readonly TimeSpan StartDeadline = TimeSpan.FromMinutes(1);
    readonly Process process;

    SharedTool(Process process) => this.process = process;

    /// <param name="ready">What it prints once it listens.</param>
    public static async Task<SharedTool> StartAsync(string script, string ready, params string[] arguments)
    {
        Process? started = null;
        try
        {
            started = Process.Start(new ProcessStartInfo("python3", [SharedFolder.Path("tools/" + script), .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true });
        }
        catch (System.ComponentModel.Win32Exception) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip("python3 is missing.");
        }
        Assert.NotNull(started);
        var tool = new SharedTool(started);
        Assert.Equal(ready, await started.StandardOutput.ReadLineAsync().WaitAsync(StartDeadline));
        return tool;
    }

    /// <summary>A port that was free a moment ago.</summary>
    public static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }
}
