using System.Text;
using System.Text.Json;

namespace Muster.Server.Tests.Facades;

/// <summary>Real clients against a real server: axios, form-data and unirest from npm, Python's requests, curl.</summary>
public sealed class VendorClientTests(FacadeHost acme) : IClassFixture<FacadeHost>
{
    static async Task<string> FileAsync(string prefix, int rows)
    {
        var csv = new StringBuilder("number,first_name,custom_field\n");
        for (var i = 0; i < rows; i++)
            csv.Append(System.Globalization.CultureInfo.InvariantCulture, $"+91{prefix}{i:00000},N{i},x\n");
        var path = Path.Combine(Directory.CreateTempSubdirectory("muster-test-").FullName, "contacts.csv");
        await File.WriteAllTextAsync(path, csv.ToString());
        return path;
    }

    [Fact]
    public async Task Axios_form_data_and_unirest_work_with_exotels_paths()
    {
        var calls = await ClientProgram.RunAsync("node", "exotel.js", acme.Host.Address.ToString().TrimEnd('/'), acme.KeyId, acme.Secret, await FileAsync("98123", 120));
        Assert.Equal("axios list", Data(calls, "axios upload").GetProperty("list").GetProperty("name").GetString());
        Assert.Equal("""{"duplicate":0,"total":120,"success":120,"failed":0}""", Data(calls, "axios status").GetProperty("stats").GetRawText());
        Assert.Equal((207, "gold"), (calls["axios contacts"].Status, calls["axios contacts"].Body.GetProperty("response")[0].GetProperty("data").GetProperty("custom").GetString()));
        Assert.Equal(1, calls["axios add"].Body.GetProperty("metadata").GetProperty("success").GetInt32());
        Assert.Equal(121, calls["axios paged"].Body.GetInt32());
        Assert.Equal("unirest list", Data(calls, "unirest upload").GetProperty("list").GetProperty("name").GetString());
        Assert.Equal(400, calls["unirest sample"].Status);
        Assert.Contains("file part", calls["unirest sample"].Body.GetProperty("response").GetProperty("error_data").GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Equal((401, "Authentication failed"), (calls["axios refused"].Status, calls["axios refused"].Body.GetString()));
    }

    [Fact]
    public async Task Requests_works_with_exotels_paths()
    {
        var calls = await ClientProgram.RunAsync("python3", "exotel.py", acme.Host.Address.ToString().TrimEnd('/') + "/", acme.KeyId, acme.Secret, await FileAsync("98124", 3));
        Assert.Equal("requests list", Data(calls, "upload").GetProperty("list").GetProperty("name").GetString());
        Assert.Equal((200, "in-progress"), (calls["put"].Status, Data(calls, "put").GetProperty("summary").GetProperty("status").GetString()));
        Assert.Equal("number", Data(calls, "headers").GetProperty("headers")[0].GetString());
        Assert.Equal((404, "There is no such list in this account."), (calls["gone"].Status, calls["gone"].Body.GetString()));
    }

    [Fact]
    public async Task Axios_works_with_cellcasts_paths()
    {
        var calls = await ClientProgram.RunAsync("node", "cellcast.js", acme.Host.Address.ToString().TrimEnd('/'), acme.Token);
        const string Errors = """["contact[1] error : phone_number empty","contact[3] error : phone_number is not valid"]""";
        foreach (var name in (string[])["bulk", "raw key"])
        {
            Assert.Equal((200, "partial_success"), (calls[name].Status, calls[name].Body.GetProperty("message").GetString()));
            Assert.Equal(Errors, calls[name].Body.GetProperty("data").GetProperty("errors").GetRawText());
        }
        Assert.Equal("400000000", calls["list"].Body.GetProperty("data").GetProperty("items")[0].GetProperty("Number").GetString());
        Assert.Equal(2, calls["list"].Body.GetProperty("data").GetProperty("next").GetInt32());
        Assert.Equal((400, "fail"), (calls["none"].Status, calls["none"].Body.GetProperty("message").GetString()));
    }

    static JsonElement Data(Dictionary<string, (int Status, JsonElement Body)> calls, string name) => calls[name].Body.GetProperty("response").GetProperty("data");
}
