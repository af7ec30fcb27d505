using Muster.Jobs;

namespace Muster.Server.Facades.Dotmailer;

static class DotmailerParts
{
    public static IServiceCollection AddDotmailer(this IServiceCollection services) => services
        .AddSingleton<SourceRecords>().AddSingleton<FileReception>().AddSingleton<ImportStart>().AddSingleton<ImportFindings>().AddSingleton<ContactForm>().AddSingleton<ContactStanding>();
}
