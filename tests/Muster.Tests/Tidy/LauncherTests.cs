using System.Diagnostics;

namespace Muster.Tests.Tidy;

/// <summary>./muster in a small tree of its own, with a script in the place of dotnet that notes each build.</summary>
public sealed class LauncherTests : IDisposable
{
    const string Program = "src/Muster.Cli/bin/Release/net10.0/muster";

    readonly TestFolder _root = new();

    public LauncherTests()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("./muster is a bash script");
        foreach (var folder in new[] { "src/Muster.Cli", "tools", "elsewhere" }) Directory.CreateDirectory(At(folder));
        foreach (var file in new[] { "Directory.Build.props", "Directory.Packages.props", "global.json", "BannedSymbols.txt", ".editorconfig" })
            File.WriteAllText(At(file), "");
        File.WriteAllText(At("src/Muster.Cli/Program.cs"), "");
        Script("muster", File.ReadAllText(Repository.Full("muster")));
        // The build takes long enough for a second start to meet it.
        FakeDotnet("""
            echo built >>"$ROOT/builds"; sleep 0.3
            mkdir -p "$ROOT/src/Muster.Cli/bin/Release/net10.0"
            printf '#!/bin/sh\npwd\nprintf "<%%s>" "$@"\nexit 3\n' >"$ROOT/src/Muster.Cli/bin/Release/net10.0/muster"
            chmod +x "$ROOT/src/Muster.Cli/bin/Release/net10.0/muster"
            """);
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public void The_first_run_builds_and_later_ones_do_not()
    {
        Run();
        Run();
        Assert.Equal(1, Builds);
    }

    [Fact]
    public void Folder_arguments_and_exit_code_are_the_program_s_own()
    {
        File.CreateSymbolicLink(At("elsewhere/m"), At("muster"));
        var (code, output, _) = Finish(Start(At("elsewhere/m"), At("elsewhere"), "import", "a b.csv"));
        Assert.Equal(3, code);
        Assert.Equal($"{At("elsewhere")}\n<import><a b.csv>", output);
    }

    [Theory]
    [InlineData("src/Muster.Cli/Program.cs")]
    [InlineData("Directory.Packages.props")]
    [InlineData("global.json")]
    public void A_changed_source_is_built(string source)
    {
        Run();
        File.AppendAllText(At(source), "\n");
        Run();
        Assert.Equal(2, Builds);
    }

    [Fact]
    public void A_deleted_source_is_noticed()
    {
        File.WriteAllText(At("src/Muster.Cli/Old.cs"), "");
        Run();
        File.Delete(At("src/Muster.Cli/Old.cs"));
        Run();
        Assert.Equal(2, Builds);
    }

    [Fact]
    public void What_a_build_leaves_behind_is_no_source()
    {
        Run();
        File.WriteAllText(At("src/Muster.Cli/obj/project.assets.json"), "");
        File.WriteAllText(At("src/Muster.Cli/bin/Release/net10.0/muster.dll"), "");
        Run();
        Assert.Equal(1, Builds);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_that_start_at_once_build_once(bool withFlock)
    {
        if (!withFlock) LeaveOnPath("dotnet", "bash", "cat", "cut", "dirname", "find", "mkdir", "mktemp", "mv", "paste", "readlink", "rm", "sleep", "touch", "chmod");
        var both = new[] { Start(At("muster"), _root.Path), Start(At("muster"), _root.Path) };
        Assert.All(both, process => Assert.Equal(3, Finish(process).Code));
        Assert.Equal(1, Builds);
    }

    [Fact]
    public void A_missing_SDK_is_named()
    {
        LeaveOnPath("bash", "cat", "dirname", "find", "readlink");
        File.Delete(At("tools/dotnet"));
        var (code, output, errors) = Run();
        Assert.Equal(127, code);
        Assert.Contains(".NET 10 SDK", errors, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Fact]
    public void An_old_SDK_is_named()
    {
        Script("tools/dotnet", "#!/bin/sh\necho 8.0.404\n");
        var (code, _, errors) = Run();
        Assert.Equal(127, code);
        Assert.Contains("8.0.404", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_build_shows_its_output_and_is_tried_again()
    {
        FakeDotnet("echo built >>\"$ROOT/builds\"; echo CS1002; exit 1");
        var (code, output, errors) = Run();
        Assert.Equal(70, code);
        Assert.Contains("CS1002", errors, StringComparison.Ordinal);
        Assert.Empty(output);
        Run();
        Assert.Equal(2, Builds);
    }

    int Builds => File.ReadLines(At("builds")).Count();

    string At(string path) => _root.File(path);

    (int Code, string Output, string Errors) Run() => Finish(Start(At("muster"), _root.Path));

    string _path = Environment.GetEnvironmentVariable("PATH") ?? "";

    Process Start(string script, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(script, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{At("tools")}:{_path}";
        start.Environment["ROOT"] = _root.Path;
        return Process.Start(start)!; // null only with UseShellExecute
    }

    static (int Code, string Output, string Errors) Finish(Process process)
    {
        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, errors.Result);
        }
    }

    void FakeDotnet(string build) => Script("tools/dotnet", $"#!/bin/sh\ncase $1 in --version) echo 10.0.400 ;; build) {build} ;; esac\n");

    /// <summary>Hides every other tool from the script, as a system that lacks them would.</summary>
    void LeaveOnPath(params string[] tools)
    {
        foreach (var tool in tools.Where(t => t != "dotnet"))
            File.CreateSymbolicLink(At($"tools/{tool}"), _path.Split(':').Select(f => Path.Combine(f, tool)).First(File.Exists));
        // env, which the first line of the script names, is called by its full path.
        _path = At("tools");
    }

    void Script(string path, string text)
    {
        File.WriteAllText(At(path), text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(At(path), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
