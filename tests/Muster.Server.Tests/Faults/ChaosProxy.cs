using System.Text.Json;

namespace Muster.Server.Tests.Faults;

/// <summary>A connection that misbehaves on command: ../shared/tools/chaosproxy.py between this server and another.</summary>
sealed class ChaosProxy : IDisposable
{
    readonly SharedTool tool;
    readonly HttpClient control;

    ChaosProxy(SharedTool tool, string port, string controlPort)
    {
        this.tool = tool;
        Address = $"http://127.0.0.1:{port}";
        control = new() { BaseAddress = new($"http://127.0.0.1:{controlPort}") };
    }

    public string Address { get; }

    public static async Task<ChaosProxy> StartAsync(Uri target)
    {
        var (port, controlPort) = (SharedTool.FreePort(), SharedTool.FreePort());
        return new(await SharedTool.StartAsync("chaosproxy.py", "proxy up", port, target.Authority, controlPort), port, controlPort);
    }

    /// <param name="command">As the tool names it: set?rate=20000, kill, reset, stats.</param>
    public async Task<JsonElement> TellAsync(string command) => JsonDocument.Parse(await control.GetStringAsync("/" + command)).RootElement.GetProperty("stats");

    /// <summary>Bytes that the other side has sent so far.</summary>
    public async Task<long> DownAsync() => (await TellAsync("stats")).GetProperty("down").GetInt64();

    public void Dispose()
    {
        control.Dispose();
        tool.Dispose();
    }
}
