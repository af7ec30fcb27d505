using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Muster.Merging;

namespace Muster.Tests.Merging;

public sealed class CustomMemberTests
{
    static readonly string[] Values =
    [
        "\"\"", "\"Pune\"", "\"a,b}c{d\"", "\"say \\\"hi\\\"\"", "\"back\\\\\"", "\"\\\\\\\"\"", "\"Zürich 東京 \\uD83D\\uDE00\"", "0", "-12", "1.5e300", "true", "false", "[]", "[\"a\",\"b]\"]",
        "{\"x\":[1,{}]}",
    ];

    [Fact]
    public void What_was_merged_is_listed_member_by_member()
    {
        var random = new Random(20261122);
        var merge = new FieldsMerge();
        var found = new List<CustomMember>();
        for (var run = 0; run < 2_000; run++)
        {
            merge.Clear();
            var members = Enumerable.Range(1, random.Next(1, 6)).Select(i => (Id: i * random.Next(1, 400), Value: Values[random.Next(Values.Length)])).ToList();
            foreach (var (id, value) in members)
                merge.Add(id, Encoding.UTF8.GetBytes(value));
            var json = merge.ToJson().ToArray();
            CustomMember.ReadAll(json, found);
            Assert.Equal(members, found.Select(m => (m.FieldId, Encoding.UTF8.GetString(m.In(json)))));
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{ \"7\" : \"Pune\" , \"9\" : 12 }")]
    [InlineData("{\"7\":12 }")]
    [InlineData("{\"7\": \"Pune\",\n\"9\":12 }")]
    public void Another_writers_blanks_are_no_part_of_a_value(string json)
    {
        var found = new List<CustomMember>();
        CustomMember.ReadAll(Encoding.UTF8.GetBytes(json), found);
        Assert.Equal(
            JsonNode.Parse(json)!.AsObject().Select(m => (m.Key, m.Value!.ToJsonString())),
            found.Select(m => ($"{m.FieldId}", Encoding.UTF8.GetString(m.In(Encoding.UTF8.GetBytes(json))))));
    }

    [Theory]
    [InlineData("{\"7\":\"Pune")]
    [InlineData("{\"7\":\"Pune\"")]
    [InlineData("{\"7\":\"Pune\"]")]
    [InlineData("{\"7\":\"Pune\\")]
    [InlineData("{\"7\":")]
    [InlineData("{\"7\"")]
    [InlineData("{\"7")]
    [InlineData("{\"name\":1}")]
    [InlineData("{")]
    public void Damaged_fields_are_told(string json) =>
        Assert.ThrowsAny<Exception>(() => CustomMember.ReadAll(Encoding.UTF8.GetBytes(json), []));
}
