using Microsoft.Extensions.DependencyInjection.Extensions;
using Muster.Jobs;

namespace Muster.Server.Facades.Dotmailer;

static class DotmailerParts
{
    public static IServiceCollection AddDotmailer(this IServiceCollection services)
    {
        services.TryAddSingleton<SourceLook>();
        services.TryAddSingleton<SourceRecords>();
        return services.AddSingleton<FileReception>().AddSingleton<ImportStart>().AddSingleton<ImportFindings>().AddSingleton<ContactForm>();
    }
}
