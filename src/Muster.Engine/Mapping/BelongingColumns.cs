using Muster.Contacts;

namespace Muster.Mapping;

/// <summary>Column names that mean lists or tags. They decide nothing: a wrong guess would make a list of every value, so the mapping is only told that it may say so.</summary>
static class BelongingColumns
{
    static readonly Dictionary<string, BelongingKind> Known = Words(BelongingKind.List,
            "list", "lists", "list name", "list names", "mailing list", "mailing lists", "list membership", "list memberships", "group", "groups", "group membership", "segment", "segments", "audience",
            "liste", "listen", "verteiler", "verteilerliste", "gruppe", "gruppen", "listes", "groupe", "groupes", "lista", "listas", "grupo", "grupos", "liste di distribuzione", "gruppo", "gruppi",
            "lijst", "lijsten", "groep", "groepen", "listy", "grupa", "grupy", "список", "списки", "группа", "группы", "listeler", "grup", "gruplar", "قائمة", "قوائم", "مجموعة", "सूची", "समूह",
            "daftar", "kelompok", "danh sách", "nhóm", "列表", "群组", "分组", "リスト", "グループ", "목록", "그룹")
        .Concat(Words(BelongingKind.Tag,
            "tag", "tags", "label", "labels", "category", "categories", "keyword", "keywords", "schlagwort", "schlagworte", "schlagwörter", "kategorie", "kategorien", "étiquette", "étiquettes",
            "catégorie", "catégories", "etiqueta", "etiquetas", "categoría", "categorías", "categoria", "categorias", "etichetta", "etichette", "categorie", "labels gmail", "etykieta", "etykiety",
            "тег", "теги", "метка", "метки", "etiket", "etiketler", "وسم", "وسوم", "टैग", "label kontak", "thẻ", "nhãn", "标签", "標籤", "タグ", "ラベル", "태그"))
        .DistinctBy(w => w.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);

    public static BelongingKind? Find(string column) => Known.TryGetValue(ColumnName.Key(column), out var kind) ? kind : null;

    static IEnumerable<KeyValuePair<string, BelongingKind>> Words(BelongingKind kind, params ReadOnlySpan<string> names)
    {
        var words = new List<KeyValuePair<string, BelongingKind>>();
        foreach (var name in names)
            words.Add(new(ColumnName.Key(name), kind));
        return words;
    }
}
