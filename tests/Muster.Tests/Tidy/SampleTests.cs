using System.Diagnostics;

namespace Muster.Tests.Tidy;

public sealed class SampleTests
{
    [Fact]
    public void The_sample_file_is_what_its_script_makes()
    {
        using var folder = new TestFolder();
        var made = folder.File("contacts.csv");
        try
        {
            var start = new ProcessStartInfo("python3", [Repository.Full("samples/make-contacts.py"), made]) { UseShellExecute = false, RedirectStandardOutput = true };
            using var python = Process.Start(start)!; // null only with UseShellExecute
            var said = python.StandardOutput.ReadToEnd();
            python.WaitForExit();
            Assert.Equal("1000 rows: 978 contacts, 10 repeats, 12 bad\n", said);
            Assert.Equal(File.ReadAllBytes(Repository.Full("samples/contacts.csv")), File.ReadAllBytes(made));
        }
        catch (System.ComponentModel.Win32Exception) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip("python3 is not installed");
        }
    }
}
