using Dapper;
using Microsoft.Data.Sqlite;

namespace Muster.Load.Rivals;

/// <summary>CsvHelper and Dapper: one upsert a row, 10,000 rows a transaction.</summary>
static class DapperRival
{
    const int TransactionRows = 10_000;

    const string Upsert = """
        INSERT INTO contact (email, phone, first_name, last_name, company, city, country, birthday, note)
        VALUES (@Email, @Phone, @FirstName, @LastName, @Company, @City, @Country, @Birthday, @Note)
        ON CONFLICT (email) DO UPDATE SET phone = excluded.phone, first_name = excluded.first_name, last_name = excluded.last_name, company = excluded.company,
          city = excluded.city, country = excluded.country, birthday = excluded.birthday, note = excluded.note
        """;

    public static void Run(string file, string database)
    {
        using var connection = new SqliteConnection($"Data Source={database}");
        connection.Open();
        connection.Execute(RivalFile.Schema);
        foreach (var contacts in RivalFile.Read(file).Chunk(TransactionRows))
        {
            using var transaction = connection.BeginTransaction();
            foreach (var contact in contacts)
                connection.Execute(Upsert, contact, transaction);
            transaction.Commit();
        }
    }
}
