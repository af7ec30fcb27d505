using Muster.Contacts;
using Muster.Formats.Csv;
using Muster.Mapping;
using Muster.Tests.Formats;

namespace Muster.Tests.Mapping;

public sealed class ColumnMapperTests
{
    static readonly Dictionary<string, string> None = [];

    [Theory]
    [InlineData("E-Mail Address", "email")]
    [InlineData("  e_mail ", "email")]
    [InlineData("E.Mail", "email")]
    [InlineData("Ｅｍａｉｌ", "email")]
    [InlineData("MSISDN", "phone")]
    [InlineData("Cell Phone", "phone")]
    [InlineData("mobile_number", "phone")]
    [InlineData("Handynummer", "phone")]
    [InlineData("Téléphone", "phone")]
    [InlineData("telefono", "phone")]
    [InlineData("手机号码", "phone")]
    [InlineData("фамилия", "last_name")]
    [InlineData("Given Name", "first_name")]
    [InlineData("surname", "last_name")]
    [InlineData("Organisation", "company")]
    [InlineData("Customer ID", "external_id")]
    [InlineData("City", null)]
    [InlineData("Telefonnummer mobil", "phone")]
    [InlineData("Adresse de messagerie", "email")]
    [InlineData("Apellidos", "last_name")]
    [InlineData("Apelido", "last_name")]
    [InlineData("Società", "company")]
    [InlineData("Voornaam", "first_name")]
    [InlineData("IMIĘ", "first_name")]
    [InlineData("Электронная почта", "email")]
    [InlineData("SOYADI", "last_name")] // without its dotless i, as capitals are often written
    [InlineData("CEP TELEFONU", "phone")]
    [InlineData("CEP", null)] // Brazil's postal code
    [InlineData("الاسم الأول", "first_name")]
    [InlineData("मोबाइल नंबर", "phone")]
    [InlineData("No. HP", "phone")]
    [InlineData("So dien thoai", "phone")] // Vietnamese without its marks
    [InlineData("會員編號", "external_id")]
    [InlineData("メールアドレス", "email")]
    [InlineData("휴대폰 번호", "phone")]
    public void Header_means_the_field_that_people_mean(string header, string? field)
    {
        var map = Map([header, "external key", "phone (work)"]);
        Assert.Equal(field ?? $"field:{header}", map.Columns[0].Target.ToString());
        Assert.NotEmpty(map.Columns[0].Reason);
    }

    [Fact]
    public void Better_match_wins_and_the_other_becomes_a_custom_field_that_says_so()
    {
        var map = Map(["mail", "email", "Home phone", "Mobile"]);
        Assert.Equal(["field:mail", "email", "field:Home phone", "phone"], Targets(map));
        Assert.Contains("'email'", map.Columns[0].Reason, StringComparison.Ordinal);
        Assert.Equal(["phone", "field:mobile"], Targets(Map(["phone", "mobile"])));
        Assert.Equal((1, -1), (map.IndexOf(BuiltInField.Email), map.IndexOf(BuiltInField.Company)));
    }

    [Fact]
    public void Twins_keep_their_values_under_numbered_names() =>
        Assert.Equal(["email", "field:Email_2", "field:City", "field:city_2", "field:column_5"], Targets(Map(["email", "Email", "City", "city", ""])));

    [Fact]
    public void Existing_field_keeps_its_spelling_and_is_found_before_new_ones()
    {
        Assert.Equal(["email", "field:city", "field:CITY_2"], Targets(Map(["email", "City", "CITY"], existing: ["city"])));
        Assert.Equal(["email", "field:x_2", "field:x"], Targets(Map(["email", "x_2", "x"], existing: ["x_2"])));
    }

    [Fact]
    public void Mapping_beats_names()
    {
        var map = Map(["email", "work mail", "Ort"], new() { ["work mail"] = "EMAIL", ["email"] = "ignore", ["ort"] = "field: Home  City " });
        Assert.Equal(["ignore", "email", "field:Home City"], Targets(map));
        Assert.All(map.Columns, c => Assert.Equal(1, c.Confidence));
    }

    [Theory]
    [InlineData("Fax", "phone", "Fax")]
    [InlineData("email", "e-mail", "e-mail")]
    [InlineData("email", "field:", "field:")]
    [InlineData("email", "field:phone", "field:phone")]
    [InlineData("email", "phone", "phone")]
    public void Mapping_that_cannot_be_followed_is_refused_by_name(string column, string target, string named)
    {
        var refused = Refuse(["phone", "email"], new() { [column] = target, ["phone"] = "phone" });
        Assert.Equal(ErrorCode.UnknownColumn, refused.Code);
        Assert.Contains(named, refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_columns_never_share_a_field() =>
        Assert.Equal(ErrorCode.UnknownColumn, Refuse(["a", "b", "email"], new() { ["a"] = "field:City", ["b"] = "field:city" }).Code);

    [Fact]
    public void Source_without_an_identity_is_refused_with_the_columns_found_and_expected()
    {
        var refused = Refuse(["Colour", "Size"], None);
        Assert.Equal(ErrorCode.NoUsableColumn, refused.Code);
        foreach (var word in (string[])["Colour", "Size", "phone", "email", "external_id"])
            Assert.Contains(word, refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_columns_are_created_left_out_or_refused()
    {
        string[] headers = ["email", "Known", "Other"];
        Assert.Equal(["email", "field:known", "field:Other"], Targets(Map(headers, existing: ["known"])));
        Assert.Equal(["email", "field:known", "ignore"], Targets(Map(headers, existing: ["known"], unknown: UnknownColumns.Ignore)));
        var refused = Assert.IsType<MappingResult.Refused>(ColumnMapper.Map(headers, null, UnknownColumns.Reject, ["known"], 100));
        Assert.Equal(ErrorCode.UnknownColumn, refused.Code);
        Assert.Contains("Other", refused.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("Known", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_beyond_the_limit_of_fields_are_left_out()
    {
        Assert.Equal(["email", "field:a", "field:old", "ignore"], Targets(Map(["email", "a", "old", "b"], existing: ["old"], fieldsMax: 2)));
        Assert.Equal(ErrorCode.TooManyFields, Assert.IsType<MappingResult.Refused>(
            ColumnMapper.Map(["email", "x"], new Dictionary<string, string> { ["x"] = "field:x" }, UnknownColumns.CreateField, [], 0)).Code);
    }

    [Fact]
    public void Own_export_is_recognised_and_only_its_fields_are_read()
    {
        var map = Map("id,phone,email,external_id,first_name,last_name,company,status,lists,tags,City,status,created_at,updated_at".Split(','), existing: ["City", "status"]);
        Assert.Equal(
            ["ignore", "phone", "email", "external_id", "first_name", "last_name", "company", "consent_status", "ignore", "ignore", "field:City", "field:status", "ignore", "ignore"],
            Targets(map));
        Assert.Contains("export", map.Columns[0].Reason, StringComparison.Ordinal);
        Assert.Equal(["field:id", "email", "field:status"], Targets(Map(["id", "email", "status"])));
    }

    [Theory]
    [InlineData(1, "consent_status:email")]
    [InlineData(0.5, "field:Email Marketing Consent")]
    public void Consent_under_a_marketing_name_counts_when_its_values_prove_it(double share, string target)
    {
        ColumnHint[] hints = [new(2, 1, 0, LooksLikeEmail: true, LooksLikePhone: false), new(2, 0, 0, LooksLikeEmail: false, LooksLikePhone: false, share)];
        var mapped = Assert.IsType<MappingResult.Mapped>(ColumnMapper.Map(["Email", "Email Marketing Consent"], null, UnknownColumns.CreateField, [], 100, hints));
        Assert.Equal(["email", target], Targets(mapped.Map));
    }

    [Theory]
    [InlineData("email,\"name\",city", true)]
    [InlineData("email name city", true)]
    [InlineData("data", false)]
    public void One_column_that_holds_all_is_told_of(string name, bool isTold)
    {
        var refused = Assert.IsType<MappingResult.Refused>(ColumnMapper.Map([name], null, UnknownColumns.CreateField, [], 100));
        Assert.Equal((ErrorCode.NoUsableColumn, isTold), (refused.Code, refused.Detail.Contains("delimiter", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("名字", "first_name")]
    [InlineData("電郵地址", "email")]
    [InlineData("Tél. portable", "phone")]
    [InlineData("Электронный адрес", "email")]
    [InlineData("법인", "field:법인")]
    public void Names_of_many_languages_find_their_fields(string name, string target) => Assert.Equal(["external_id", target], Targets(Map(["external_id", name])));

    [Theory]
    [InlineData("email")]
    [InlineData("field:city")]
    [InlineData("ignore")]
    [InlineData("external_id")]
    public void Wire_text_of_a_target_reads_back(string text)
    {
        Assert.True(FieldTarget.TryParse(text, out var target));
        Assert.Equal(text, target.ToString());
    }

    [Fact]
    public void Known_exports_are_mapped_right()
    {
        foreach (var (file, expected) in ((string, string[])[])
            [("google-legacy", ["Given Name=first_name", "Family Name=last_name", "E-mail 1 - Value=email", "Phone 1 - Value=phone"]),
             ("mailchimp", ["Email Address=email", "First Name=first_name", "Last Name=last_name", "Phone Number=phone", "EUID=external_id"])])
        {
            var (shape, _) = CsvReading.Read(File.ReadAllBytes(SharedFolder.Path($"corpora/files/contacts-exports/headers-synthetic-rows/{file}.csv")), CsvOptions.Default);
            var map = Map([.. shape.Columns]);
            Assert.Equal(expected.Order(), map.Columns.Where(c => c.Target.Kind == TargetKind.BuiltIn).Select(c => $"{c.Column}={c.Target}").Order());
        }
    }

    static IEnumerable<string> Targets(ColumnMap map) => map.Columns.Select(c => c.Target.ToString());

    static ColumnMap Map(string[] headers, Dictionary<string, string>? mapping = null, UnknownColumns unknown = UnknownColumns.CreateField, string[]? existing = null, int fieldsMax = 100) =>
        Assert.IsType<MappingResult.Mapped>(ColumnMapper.Map(headers, mapping, unknown, existing ?? [], fieldsMax)).Map;

    static MappingResult.Refused Refuse(string[] headers, Dictionary<string, string> mapping) =>
        Assert.IsType<MappingResult.Refused>(ColumnMapper.Map(headers, mapping, UnknownColumns.CreateField, [], 100));
}
