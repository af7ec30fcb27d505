using Muster.Jobs;
using Muster.Server.Facades.Dotmailer;
using Muster.Server.Facades.Exotel;
using Muster.Server.Facades.Netcore;

namespace Muster.Server.Facades;

/// <summary>What the façades share, and what single ones need.</summary>
static class FacadeParts
{
    public static void AddFacades(this IServiceCollection services) => services
        .AddSingleton<FacadeSet>().AddSingleton<WireIds>().AddSingleton<AwaitedImport>().AddSingleton<UploadFormReader>().AddSingleton<SourceLook>().AddDotmailer()
        .AddSingleton<CsvIntake>().AddSingleton<BulkUpload>().AddSingleton<ContactActivities>();
}
