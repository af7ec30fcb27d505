using System.Collections.Frozen;
using System.Text;

namespace Muster.Formats.Encodings;

/// <summary>Which letters above ASCII languages write, commonest first: enough to tell which encoding makes words of a file.</summary>
/// <remarks>Orders are those of common names and of running text; the weight of a letter falls with its rank.</remarks>
static class Languages
{
    const double Unknown = -11;
    const double Capital = -0.7;

    /// <summary>A letter in text of a script that has none like it.</summary>
    const double Foreign = -16.5;

    sealed record Language(double Prior, FrozenDictionary<int, double> Letters);

    // Latin: letters above ASCII only. Other alphabets: all letters.
    static readonly Language[] Alphabets =
    [
        Of(-0.7, "éèïëöüñçáóíôêâàäåøæ"), // what English writes of others' names
        Of(-1.0, "üöäßé"),
        Of(-1.2, "éèêçàôîâûëïùœ"),
        Of(-1.2, "áíóéñúü"),
        Of(-1.4, "ãçáéóíõêâôúà"),
        Of(-1.5, "èàùòéìó"),
        Of(-1.8, "ëéïöüèá"),
        Of(-1.6, "äöåé"),
        Of(-1.8, "øåæéöäü"),
        Of(-2.0, "łśóżąńęćź"),
        Of(-2.0, "áíéěřýčšžůúňďťó"),
        Of(-2.4, "áíýéčšžľúťôňóäďŕĺ"),
        Of(-2.0, "áéóöíőüúű"),
        Of(-2.2, "ășțîâţş"),
        Of(-2.2, "čćšžđ"),
        Of(-2.0, "ıüşçöğİâî"),
        Of(-3.2, "ėšžąčųįūę"),
        Of(-3.2, "āīšēņūļžčģķ"),
        Of(-3.2, "äõüöšž"),
        Of(-4.5, "íáóðéúöþýæ"),
        Of(-7.0, "óáíøúýðæ"),
        Of(-4.0, "àéèòóïíçúü"),
        Of(-5.0, "ëç"),
        Of(-4.5, "żħġċàè"),
        Of(-4.0, "ưđăêâơô\u0301\u0300\u0309\u0303\u0323"),
        Of(-1.2, "аоиенрвлктсмядуйьыгзпбчхшюжцщфэёъ"),
        Of(-2.4, "аоинктевлрсмупядйбгзьчхцжюєїшщфґ"),
        Of(-2.8, "аоиетнврсдлкпмъзгбуцчящйжхюшф"),
        Of(-3.5, "аоиенјрвсктдмлупбзгчњжшљћђцхџф"),
        Of(-1.5, "αοιςηρνετκπλμσάίόυδγήέθβχφύώξωζψϊΐΰϋ"),
        Of(-1.8, "יורהאלבמנשתחדעקפסגכטזםןצךףץ\u05B8\u05B7\u05B4\u05BC\u05B5\u05B6\u05B9\u05B0"),
        Of(-1.8, "اليمنرحدمبهسعوتكفقشةطصخجزثغضىأذءظإئؤآ\u064E\u0650\u064F\u0651\u0652"),
        Of(-3.5, "ایرندمهسبتشوکلفحگزعپخقآجصچطغضذژثظئ"),
        Of(-1.8, "านรกวสมยอลทดงบปจพคตชหขภณผธฐซฟถศฤฉญษฬฏฎฆฑฒฌฮฝไใเแโัิีึืุู\u0E48\u0E49\u0E4C\u0E47\u0E4A\u0E4Bาำะ็ๆ"),
    ];

    // Syllables and characters: common ones count alike, the others by the part of their standard that holds them.
    static readonly FrozenSet<int> Japanese = Set(
        "佐藤鈴木高橋田中伊渡辺山本村小林加吉井松清斎斉口森池阿部石川前岡後長谷近野坂遠青福西太三浦原岩崎上島竹内金宮酒工河平今安丸菅大塚千葉久保新杉増水子美恵裕一郎二健雄介明和正博之幸智浩直樹真由香奈優愛東京都府阪市区町丁目番号県北海道名古屋横浜神戸札幌仙台広土州沖縄熊鹿児株式会社氏姓電話番号住所郵便月日年火土曜金木様方関根内藤堀武荒服矢飯馬場柴桜星秋栗澤沢飛達也哉翔拓翼陽結衣葵莉彩菜花咲春夏冬信義弘敏茂勝利彦男夫司治光隆修誠");
    static readonly FrozenSet<int> Simplified = Set(
        "的一是不了人在有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空" +
        "李刘陈杨黄赵吴徐孙朱胡郭罗郑梁谢宋唐韩冯邓曹彭曾肖董袁潘蒋蔡余杜叶程苏魏吕丁沈姚卢姜崔钟谭陆汪范石廖贾韦付邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾郝龚邵钱严覃戴莫孔汤伟芳娜敏静丽磊洋勇艳杰娟涛超秀霞刚桂英玉兰梅宇轩涵浩然欣怡梓辰佳颖琳雪婷鹏飞俊峰志豪省县镇街号楼栋室邮编地址姓名邮箱手机深圳津庆都杭州汉苏沙沈阳岛连莞宁波厦福湖河四川广星期二三有限公司");
    static readonly FrozenSet<int> Traditional = Set(
        "的一是不了人在有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她里後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進把法此實回二理美點月明其種聲全工己話者向情部正名定女問力機給等幾很業最間新位重電四第門相次東政海口使教西平真世氣信北少關內加化由代產入先山五太水萬市" +
        "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高潘簡朱鍾彭游詹胡施沈余盧梁趙顏柯翁魏孫戴范方宋鄧杜傅侯曹薛丁卓馬董唐溫藍蔣石古紀姚連馮歐程湯田康姜汪白鄒尤巫鐘涂台北臺灣雄竹南桃園縣區路街號樓段巷弄鄉鎮淑芬惠雅婷怡君家豪志明俊傑建宏美玲雅雯佳蓉宗翰冠宇承恩品妤詩涵姓名郵箱電話手機地址星期香港澳九龍新界有限公司花蓮彰化嘉義屏宜基隆苗栗投雲");
    static readonly FrozenSet<int> Korean = Set(
        "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지나엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모울부산대광세종경충청북상라시로동구군면리번층호수영준은혜미숙희아식회사름화이메일전자편소년월일요화목토재훈우빈서연민수진예린태형승철용석보람나래가다라사자카타파하을를의에로과와들있는것대한국");

    /// <summary>Prior of each language: the logarithm of how much likelier it would have to make a file than the first to be believed as readily.</summary>
    public static double[] Priors { get; } = [.. Alphabets.Select(l => l.Prior), -1.0, -1.0, -1.6, -1.4];

    /// <summary>The likelihood (its logarithm) of a word's letters above ASCII in each language.</summary>
    public static double[] Score(ReadOnlySpan<Rune> word)
    {
        var scores = new double[Priors.Length];
        foreach (var rune in word)
        {
            if (rune.IsAscii || !EncodingScore.IsLetter(rune))
                continue;
            var lower = Rune.ToLowerInvariant(rune);
            for (var i = 0; i < Alphabets.Length; i++)
            {
                var letters = Alphabets[i].Letters;
                scores[i] += letters.TryGetValue(lower.Value, out var weight) || letters.TryGetValue(rune.Value, out weight) ? weight : Unknown;
                scores[i] += lower == rune ? 0 : Capital;
            }
            var c = rune.Value;
            scores[^4] += InJapanese(c);
            scores[^3] += Simplified.Contains(c) ? -6.0 : c is >= 0x4E00 and < 0xA000 ? Rare(c, Ranks.Simplified) : Foreign;
            scores[^2] += Traditional.Contains(c) ? -6.0 : c is >= 0x4E00 and < 0xA000 ? Rare(c, Ranks.Traditional) : Foreign;
            scores[^1] += Korean.Contains(c) ? -5.0 : c is >= 0xAC00 and < 0xD7A4 ? Rare(c, Ranks.Hangul) : Foreign;
        }
        return scores;
    }

    static double InJapanese(int c) => c switch
    {
        >= 0x3040 and < 0x3100 or 0x30FC or 0x3005 => -4.5,
        >= 0xFF66 and < 0xFFA0 => -7.5,
        _ when Japanese.Contains(c) => -5.8,
        >= 0x4E00 and < 0xA000 => Rare(c, Ranks.Japanese),
        _ => Foreign,
    };

    static double Rare(int c, FrozenSet<int> common) => common.Contains(c) ? -9.0 : -14.0;

    static Language Of(double prior, string letters)
    {
        var runes = letters.EnumerateRunes().Select(r => r.Value).Distinct().ToList();
        var weights = runes.Select((_, rank) => Math.Pow(rank + 2, -0.8)).ToList();
        var sum = weights.Sum();
        // Letters of a whole alphabet say more than the few that a Latin one adds; both are shares of what is written with them.
        return new(prior, runes.Select((r, i) => (r, Math.Log(weights[i] / sum))).ToFrozenDictionary(p => p.r, p => p.Item2));
    }

    static FrozenSet<int> Set(string characters) => characters.EnumerateRunes().Select(r => r.Value).ToFrozenSet();

    /// <summary>The common halves of the national standards, by where their double-byte codes put them.</summary>
    static class Ranks
    {
        /// <summary>GB 2312 level 1: rows 16 to 55.</summary>
        public static readonly FrozenSet<int> Simplified = Of("gb18030", 0xB0, 0xD7, 0xA1, 0xFE);

        /// <summary>Big5 level 1: 0xA440 to 0xC67E.</summary>
        public static readonly FrozenSet<int> Traditional = Of("big5", 0xA4, 0xC6, 0x40, 0xFE);

        /// <summary>JIS X 0208 level 1: rows 16 to 47.</summary>
        public static readonly FrozenSet<int> Japanese = Of("euc-jp", 0xB0, 0xCF, 0xA1, 0xFE);

        /// <summary>KS X 1001: the 2,350 syllables in use.</summary>
        public static readonly FrozenSet<int> Hangul = Of("euc-kr", 0xB0, 0xC8, 0xA1, 0xFE);

        static FrozenSet<int> Of(string encoding, int leadMin, int leadMax, int trailMin, int trailMax)
        {
            var decoder = SourceEncoding.Find(encoding).Decoder;
            return Enumerable.Range(leadMin, leadMax - leadMin + 1)
                .SelectMany(lead => Enumerable.Range(trailMin, trailMax - trailMin + 1).Select(trail => decoder.Next([(byte)lead, (byte)trail], atEnd: true, out var c) == 2 ? c : -1))
                .Where(c => c > 0).ToFrozenSet();
        }
    }
}
