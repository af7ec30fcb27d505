using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Muster.Load.Measuring;

/// <summary>What a result depends on: hardware, system, versions.</summary>
static class Machine
{
    public static IEnumerable<(string What, string Value)> Describe()
    {
        yield return ("date", TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
        yield return ("processor", $"{Environment.ProcessorCount} cores, {First("/proc/cpuinfo", "model name")}");
        yield return ("memory", $"{long.Parse(First("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) / (1 << 20)} GiB");
        yield return ("kernel", File.ReadAllText("/proc/sys/kernel/osrelease").Trim());
        yield return ("load before", File.ReadAllText("/proc/loadavg").Split(' ')[0]);
        yield return (".NET", RuntimeInformation.FrameworkDescription);
        yield return ("SQLite in Muster and rivals", EmbeddedSqlite());
        foreach (var assembly in new[] { typeof(CsvHelper.CsvReader), typeof(Dapper.SqlMapper), typeof(Microsoft.EntityFrameworkCore.DbContext), typeof(SqliteConnection) }.Select(t => t.Assembly))
        {
            var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
            yield return (assembly.GetName().Name ?? "", version ?? "");
        }
    }

    static string EmbeddedSqlite()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        return connection.ServerVersion;
    }

    static string First(string file, string key) =>
        File.ReadLines(file).FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
}
