using System.Net;
using System.Text.Json;
using Muster.Server.Tests.Reading;

namespace Muster.Server.Tests;

/// <summary>Exports of well-known products are recognised by their headers, and what their columns mean there is heeded. Column names are the products'; rows are made up.</summary>
public sealed class KnownExportTests(MusterHost host) : IClassFixture<MusterHost>
{
    [Theory]
    [InlineData("google_contacts", "Name,Given Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value")]
    [InlineData("google_contacts", "First Name,Middle Name,Last Name,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Organization Name")]
    [InlineData("outlook", "First Name,Middle Name,Last Name,Company,Business Street,E-mail Address,E-mail Type,E-mail Display Name,Mobile Phone,Birthday")]
    [InlineData("outlook", "First Name,Middle Name,Last Name,Title,E-mail Address,E-mail 2 Address,E-mail 3 Address,Home Phone,Home Phone 2,Business Phone")]
    [InlineData("apple_contacts", "First name,Last name,Phone : _$!<Mobile>!$_,Email : _$!<Home>!$_")]
    [InlineData("apple_contacts", "First Name,Last Name,Phone (iPhone),Email (home)")]
    [InlineData("hubspot", "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Associated Company,Lead Status")]
    [InlineData("mailchimp", "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,LEID,EUID,NOTES,TAGS")]
    [InlineData("salesforce", "Salutation,First Name,Last Name,Title,Account Name,Mailing Street,Mailing City,Phone,Mobile,Email,Contact Owner,Contact ID")]
    [InlineData("salesforce", "Id,IsDeleted,AccountId,LastName,FirstName,MailingStreet,Phone,MobilePhone,Email,HasOptedOutOfEmail,DoNotCall,OwnerId")]
    [InlineData("linkedin", "First Name,Last Name,URL,Email Address,Company,Position,Connected On")]
    [InlineData(null, "email,first_name,last_name,phone,company")]
    [InlineData(null, "First Name,Last Name,Email Address,Phone,Company,Labels")]
    public async Task An_export_is_recognised_by_its_header(string? product, string header)
    {
        using var account = await Account.CreateAsync(host);
        var row = string.Join(',', header.Split(',').Select((c, i) => c.Contains("mail", StringComparison.OrdinalIgnoreCase) && !c.Contains("Mailing", StringComparison.Ordinal) ? "a@x.example" : c.Contains("hone", StringComparison.Ordinal) ? "+61412345678" : $"v{i}"));
        var import = await account.ImportAsync($"{header}\n{row}\n", """{"on_invalid_value":"drop_value"}""");
        Assert.True(import.IsAccepted, import.ToString());
        Assert.Equal(product, import.Source.GetProperty("recognized_as").GetString());
        if (product is null)
            return;
        var fields = import.Body.GetProperty("mapping").EnumerateArray().Select(m => m.GetProperty("field").GetString()).ToList();
        Assert.Contains("email", fields);
        Assert.Contains("last_name", fields);
    }

    [Fact]
    public async Task Several_values_in_a_cell_of_Google_give_the_first_and_a_warning()
    {
        using var account = await Account.CreateAsync(host);
        var import = await account.ImportAsync(
            "Given Name,Family Name,Group Membership,E-mail 1 - Value,Phone 1 - Value\nAnn,One,* myContacts ::: Friends,a@x.example ::: b@x.example,0412 345 678 ::: 0412 345 679\nBob,Two,* myContacts,c@x.example,\n",
            """{"region":"AU","mapping":{"Group Membership":"tags"}}""");
        Assert.Equal((2, 0, 2), (import.Count("created"), import.Count("rejected"), import.Count("warnings")));
        Assert.All(await account.ErrorsAsync(import), e => Assert.Equal(("extra_values_dropped", "warning"), (e.GetProperty("code").GetString(), e.GetProperty("severity").GetString())));
        var ann = (await account.Http.ContactsAsync())["a@x.example"];
        Assert.Equal("+61412345678", ann.GetProperty("phone").GetString());
        Assert.Equal(["* myContacts", "Friends"], ann.GetProperty("tags").EnumerateArray().Select(t => t.GetString()));
    }

    [Fact]
    public async Task Mailchimps_unsubscribed_and_cleaned_are_opted_out_and_keep_their_id()
    {
        using var account = await Account.CreateAsync(host);
        const string Header = "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,LEID,EUID";
        await account.ImportAsync($"{Header},UNSUB_TIME,UNSUB_REASON\na@x.example,Ann,2,2024-01-11 10:20:30,1,e1,2025-02-03 04:05:06,NORMAL\n");
        await account.ImportAsync($"{Header},CLEAN_TIME\nb@x.example,Bob,2,2024-01-11 10:20:30,2,e2,2025-02-03 04:05:06\n");
        await account.ImportAsync($"{Header},TAGS\nc@x.example,Cid,2,2024-01-11 10:20:30,3,e3,\"\"\"vip\"\",\"\"2020, spring\"\"\"\n", """{"mapping":{"TAGS":"tags"}}""");
        var contacts = await account.Http.ContactsAsync();
        Assert.Equal(["e1", "e2", "e3"], contacts.Values.Select(c => c.GetProperty("external_id").GetString()).Order());
        Assert.Equal("opted_out", contacts["a@x.example"].GetProperty("consent").GetProperty("email").GetProperty("status").GetString());
        Assert.Equal("opted_out", contacts["b@x.example"].GetProperty("consent").GetProperty("email").GetProperty("status").GetString());
        Assert.Empty(contacts["c@x.example"].GetProperty("consent").EnumerateObject()); // that somebody once opted in is Mailchimp's to know
        Assert.Equal(["2020, spring", "vip"], contacts["c@x.example"].GetProperty("tags").EnumerateArray().Select(t => t.GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_Outlook_writes_for_nothing_is_nothing()
    {
        using var account = await Account.CreateAsync(host);
        await account.Http.FieldAsync("Birthday", "date");
        var import = await account.ImportAsync(
            "First Name,Last Name,Business Street,E-mail Address,E-mail Type,E-mail Display Name,Mobile Phone,Birthday\nAnn,One,,a@x.example,SMTP,Ann,,0/0/00\nBob,Two,,/o=ExchangeLabs/ou=Group/cn=Recipients/cn=bob,EX,Bob,+61412345678,3/14/1990\n",
            """{"match":"email,phone"}""");
        Assert.True(import.Count("created") == 2, import.ToString());
        Assert.Empty(await account.ErrorsAsync(import));
        Assert.Null((await account.Http.ContactsAsync())["a@x.example"].Field("Birthday"));
    }

    [Fact]
    public async Task Members_of_LinkedIn_without_an_address_are_known_by_their_profile()
    {
        using var account = await Account.CreateAsync(host);
        const string File = "Notes:\n\"When exporting your connection data, you may notice that some of the email addresses are missing.\"\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\nAnn,One,https://www.linkedin.com/in/ann,,Acme,CEO,05 Nov 2023\nBob,Two,https://www.linkedin.com/in/bob,b@x.example,Acme,CTO,06 Nov 2023\n";
        var import = await account.ImportAsync(File);
        Assert.True(import.Count("created") == 2, import.ToString());
        Assert.Equal(["email", "external_id"], import.Body.GetProperty("options").GetProperty("match").EnumerateArray().Select(m => m.GetString()));
        Assert.Contains(import.Body.GetProperty("warnings").EnumerateArray(), w => w.GetString()!.Contains("LinkedIn", StringComparison.Ordinal)); // warnings are texts
        Assert.Equal(2, (await account.ImportAsync(File)).Count("unchanged"));
        Assert.Equal(1, (await account.ImportAsync(File, """{"match":"email"}""")).Count("rejected"));
    }

    [Fact]
    public async Task Salesforces_opt_outs_and_HubSpots_ids_are_heeded()
    {
        using var account = await Account.CreateAsync(host);
        await account.ImportAsync("Id,AccountId,LastName,FirstName,MobilePhone,Email,HasOptedOutOfEmail,DoNotCall,OwnerId\n0031x00000AbCdE,0011x,One,Ann,+61412345678,a@x.example,true,1,0051\n0031x00000AbCdF,0011x,Two,Bob,,b@x.example,false,0,0051\n");
        await account.ImportAsync("Record ID,First Name,Last Name,Email,Contact owner,Unsubscribed from all email,Associated Company\n51,Cid,Three,c@x.example,Me,true,Acme\n52,Dan,Four,d@x.example,Me,false,\n");
        var contacts = await account.Http.ContactsAsync();
        string Consent(string email) => string.Join(' ', contacts[email].GetProperty("consent").EnumerateObject().Select(c => $"{c.Name} {c.Value.GetProperty("status").GetString()}").Order(StringComparer.Ordinal));
        Assert.Equal("email opted_out phone opted_out", Consent("a@x.example"));
        Assert.Equal(("", "email opted_out", ""), (Consent("b@x.example"), Consent("c@x.example"), Consent("d@x.example")));
        Assert.Equal(("0031x00000AbCdE", "51", "Acme"), (contacts["a@x.example"].GetProperty("external_id").GetString(), contacts["c@x.example"].GetProperty("external_id").GetString(), contacts["c@x.example"].GetProperty("company").GetString()));
    }

    [Fact]
    public async Task Apples_own_labels_are_read_as_what_they_label()
    {
        using var account = await Account.CreateAsync(host);
        var import = await account.ImportAsync("First name,Last name,Phone : _$!<Mobile>!$_,Email : _$!<Home>!$_\nAnn,One,+61412345678,a@x.example\n");
        Assert.Equal(["first_name", "last_name", "phone", "email"], import.Body.GetProperty("mapping").EnumerateArray().Select(m => m.GetProperty("field").GetString()));
    }

    [Theory]
    [InlineData("google-legacy", "google_contacts", 9)]
    [InlineData("mailchimp", "mailchimp", 9)]
    public async Task The_corpus_exports_are_recognised_in_a_preview_and_imported(string file, string product, int contacts)
    {
        using var account = await Account.CreateAsync(host);
        var bytes = File.ReadAllBytes(SharedFolder.Path($"corpora/files/contacts-exports/headers-synthetic-rows/{file}.csv"));
        using var body = new ByteArrayContent(bytes);
        using var uploaded = await account.Http.PostAsync("/v1/uploads?file_name=x.csv", body);
        var upload = await uploaded.JsonAsync(HttpStatusCode.Created);
        var preview = JsonDocument.Parse(await account.Http.GetStringAsync($"/v1/uploads/{upload.GetProperty("id").GetString()}/preview")).RootElement;
        Assert.Equal(product, preview.GetProperty("source").GetProperty("recognized_as").GetString());

        var import = await account.ImportAsync(bytes, """{"region":"AU","hold":false}""");
        Assert.Equal(("completed", product), (import.State, import.Source.GetProperty("recognized_as").GetString()));
        Assert.True(import.Count("created") == contacts, import.ToString());
        Assert.All(await account.ErrorsAsync(import), e => Assert.Contains(e.GetProperty("code").GetString(), (string[])["missing_match_key", "extra_values_dropped"]));
    }
}
