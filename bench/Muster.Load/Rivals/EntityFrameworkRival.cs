using Microsoft.EntityFrameworkCore;

namespace Muster.Load.Rivals;

/// <summary>CsvHelper and EF Core: batches of 1,000, what is there looked up first, the change tracker cleared after each.</summary>
static class EntityFrameworkRival
{
    const int BatchRows = 1_000;

    public static void Run(string file, string database)
    {
        using var contacts = new ContactContext(database);
        contacts.Database.ExecuteSqlRaw(RivalFile.Schema);
        contacts.ChangeTracker.AutoDetectChangesEnabled = false;
        foreach (var batch in RivalFile.Read(file).Chunk(BatchRows))
        {
            var emails = batch.Select(c => c.Email).ToArray();
            var known = contacts.Contacts.Where(c => emails.Contains(c.Email)).ToDictionary(c => c.Email, StringComparer.OrdinalIgnoreCase);
            contacts.Contacts.AddRange(batch.Where(c => !known.ContainsKey(c.Email)));
            foreach (var contact in batch)
            {
                if (!known.TryGetValue(contact.Email, out var existing))
                    continue;
                contact.Id = existing.Id;
                contacts.Entry(existing).CurrentValues.SetValues(contact);
            }
            contacts.ChangeTracker.DetectChanges();
            contacts.SaveChanges();
            contacts.ChangeTracker.Clear();
        }
    }

    sealed class ContactContext(string database) : DbContext
    {
        public DbSet<RivalContact> Contacts => Set<RivalContact>();

        protected override void OnConfiguring(DbContextOptionsBuilder options) => options.UseSqlite($"Data Source={database}");

        protected override void OnModelCreating(ModelBuilder model) => model.Entity<RivalContact>().HasIndex(c => c.Email).IsUnique();
    }
}
