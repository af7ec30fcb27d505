using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Contacts;
using Muster.Validation.Phones;

namespace Muster.Tests.Validation;

public sealed class PhoneVectorTests(ITestOutputHelper output)
{
    [Fact]
    public void Phone_vectors_agree_in_validity_and_number()
    {
        var vectors = Read();
        var differences = vectors.Where(v => !Agrees(v)).ToList();
        foreach (var vector in differences)
            output.WriteLine($"{vector.Kind}: '{vector.Input}' in {vector.Region ?? "none"}: expected {vector.E164 ?? "invalid"}, got {Describe(vector)}");
        output.WriteLine($"{differences.Count} of {vectors.Count} differ");
        Assert.True(differences.Count <= vectors.Count * 0.005, $"{differences.Count} of {vectors.Count} differ");
    }

    [Fact]
    public void Phone_vectors_agree_in_type_and_region_of_the_number()
    {
        var numbers = Read().Where(v => v.Valid && Agrees(v)).ToList();
        var differences = 0;
        foreach (var vector in numbers)
        {
            var e164 = long.Parse(vector.E164!.AsSpan(1)); // a valid vector has a number
            var (type, region) = ((int)PhoneNumber.TypeOf(e164), PhoneNumber.RegionOf(e164).Code);
            if (type == vector.Type && region == vector.NumberRegion)
                continue;
            differences++;
            output.WriteLine($"{vector.E164}: expected {vector.NumberRegion} {vector.Type}, got {region} {type}");
        }
        output.WriteLine($"{differences} of {numbers.Count} differ");
        Assert.True(differences <= numbers.Count * 0.005, $"{differences} of {numbers.Count} differ");
    }

    private static bool Agrees(Vector vector)
    {
        var error = Parse(vector, out var e164);
        return vector.Valid ? error == ErrorCode.None && "+" + e164 == vector.E164 : error != ErrorCode.None;
    }

    private static string Describe(Vector vector)
    {
        var error = Parse(vector, out var e164);
        return error == ErrorCode.None ? "+" + e164 : error.ToString();
    }

    private static ErrorCode Parse(Vector vector, out long e164)
    {
        _ = PhoneRegion.TryParse(vector.Region, out var region);
        return PhoneNumber.TryParse(Encoding.UTF8.GetBytes(vector.Input), region, PhoneStyle.Any, out e164, out _);
    }

    private static List<Vector> Read() =>
        JsonSerializer.Deserialize<List<Vector>>(File.ReadAllBytes(SharedFolder.Path("corpora/phone_vectors.json")), JsonSerializerOptions.Web)!; // the file is an array

    private sealed record Vector(
        string Input,
        string? Region,
        string Kind,
        bool Valid,
        string? E164,
        int? Type,
        [property: JsonPropertyName("number_region")] string? NumberRegion);
}
