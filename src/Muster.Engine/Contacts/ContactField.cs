namespace Muster.Contacts;

/// <summary>What a custom field holds. The JSON names are the lower-case words.</summary>
public enum FieldType : byte { Text = 0, Number = 1, Date = 2, Boolean = 3 }

/// <summary>The fields that every contact has. Custom fields come after them: see <see cref="Muster.Mapping.ColumnMap"/>.</summary>
public enum BuiltInField : byte { Phone = 0, Email = 1, ExternalId = 2, FirstName = 3, LastName = 4, Company = 5 }

/// <summary>What two rows must share to be one contact.</summary>
public enum KeyKind : byte { Phone = 0, Email = 1, ExternalId = 2 }
