using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Muster.Load.Measuring;

/// <summary>What one whole process cost.</summary>
/// <param name="Wall">From before it was made until it was reaped.</param>
/// <param name="Cpu">User and system time of all its threads.</param>
/// <param name="PeakBytes">Largest resident memory.</param>
sealed record Cost(int ExitCode, TimeSpan Wall, TimeSpan Cpu, long PeakBytes);

/// <summary>A program that is started and reaped by the system's own calls, because System.Diagnostics.Process forgets a child's costs when it ends.</summary>
/// <remarks>
/// CPU comes from wait4(2). Peak memory comes from VmHWM in /proc, read every few milliseconds: ru_maxrss also holds the parent's pages, which the
/// child shared before it became another program, so it counts only where it is larger than this process ever was. Linux only.
/// </remarks>
sealed class ChildProcess
{
    static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(5);

    readonly long startedAt;
    readonly long ownPeak = ReadPeak("self");
    readonly CancellationTokenSource ended = new();
    readonly Task<long> sampling;

    ChildProcess(int pid, long started)
    {
        Id = pid;
        startedAt = started;
        sampling = SampleAsync();
    }

    public int Id { get; }

    /// <summary>Largest resident memory until now, in bytes; 0 once it has ended.</summary>
    public long PeakBytes => ReadPeak(Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>Starts a program with its output going to two files.</summary>
    /// <param name="program">A path, or a name on the PATH.</param>
    /// <param name="settings">Environment variables beside those of this process.</param>
    public static ChildProcess Start(
        string program, IReadOnlyList<string> arguments, string stdout, string stderr, string? stdin = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        const int Read = 0, WriteAnew = 0x241; // O_RDONLY; O_WRONLY | O_CREAT | O_TRUNC
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Where(e => settings?.ContainsKey((string)e.Key) != true)
            .Select(e => $"{e.Key}={e.Value}")
            .Concat((settings ?? new Dictionary<string, string>()).Select(e => $"{e.Key}={e.Value}"));

        var actions = new byte[256]; // posix_spawn_file_actions_t: 80 bytes in glibc
        Check(posix_spawn_file_actions_init(actions));
        Check(posix_spawn_file_actions_addopen(actions, 0, stdin ?? "/dev/null", Read, 0));
        Check(posix_spawn_file_actions_addopen(actions, 1, stdout, WriteAnew, 0x1A4));
        Check(posix_spawn_file_actions_addopen(actions, 2, stderr, WriteAnew, 0x1A4));
        var started = Stopwatch.GetTimestamp();
        Check(posix_spawnp(out var pid, program, actions, 0, [program, .. arguments, null], [.. environment, null]));
        Check(posix_spawn_file_actions_destroy(actions));
        return new(pid, started);
    }

    /// <summary>Asks the process to end, as an operator would: SIGTERM.</summary>
    public void Terminate() => kill(Id, 15);

    public void Kill() => kill(Id, 9);

    public async Task<Cost> WaitAsync()
    {
        // The wait blocks in the kernel, so that the end is seen at once.
        var (status, usage, wall) = await Task.Factory.StartNew(
            () =>
            {
                int waited;
                int exit;
                Usage used;
                do waited = wait4(Id, out exit, 0, out used);
                while (waited < 0 && Marshal.GetLastPInvokeError() == 4); // EINTR
                if (waited < 0)
                    throw new Win32Exception(Marshal.GetLastPInvokeError());
                return (exit, used, Stopwatch.GetElapsedTime(startedAt));
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await ended.CancelAsync();
        var sampled = await sampling;
        var reaped = usage.MaxResidentKib * 1024;
        var peak = reaped > Math.Max(ownPeak, ReadPeak("self")) ? reaped : sampled;
        var signal = status & 0x7F;
        return new(signal == 0 ? status >> 8 & 0xFF : 128 + signal, wall, usage.User.Span + usage.System.Span, peak);
    }

    async Task<long> SampleAsync()
    {
        using var timer = new PeriodicTimer(SampleEvery);
        var peak = 0L;
        try
        {
            while (await timer.WaitForNextTickAsync(ended.Token))
                peak = Math.Max(peak, PeakBytes);
        }
        catch (OperationCanceledException)
        {
        }
        return peak;
    }

    static long ReadPeak(string pid)
    {
        try
        {
            foreach (var line in File.ReadLines($"/proc/{pid}/status"))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                    return long.Parse(line["VmHWM:".Length..^"kB".Length], CultureInfo.InvariantCulture) * 1024;
            }
        }
        catch (IOException)
        {
        }
        return 0; // ended
    }

    static void Check(int error)
    {
        if (error != 0)
            throw new Win32Exception(error);
    }

    [StructLayout(LayoutKind.Sequential)]
    readonly struct TimeValue
    {
        readonly nint seconds;
        readonly nint microseconds;

        public TimeSpan Span => TimeSpan.FromSeconds(seconds) + TimeSpan.FromMicroseconds(microseconds);
    }

    /// <summary>struct rusage of getrusage(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    unsafe struct Usage
    {
        public TimeValue User;
        public TimeValue System;
        public nint MaxResidentKib;
        fixed long rest[13];
    }

    [DllImport("libc")]
    static extern int posix_spawn_file_actions_init(byte[] actions);

    [DllImport("libc")]
    static extern int posix_spawn_file_actions_addopen(byte[] actions, int descriptor, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mode);

    [DllImport("libc")]
    static extern int posix_spawn_file_actions_destroy(byte[] actions);

    [DllImport("libc")]
    static extern int posix_spawnp(
        out int pid, [MarshalAs(UnmanagedType.LPUTF8Str)] string file, byte[] actions, nint attributes,
        [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPStr)] string?[] arguments,
        [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPStr)] string?[] environment);

    [DllImport("libc", SetLastError = true)]
    static extern int wait4(int pid, out int status, int options, out Usage usage);

    [DllImport("libc", SetLastError = true)]
    static extern int kill(int pid, int signal);
}
