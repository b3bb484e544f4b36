namespace Castellan.Storage;

/// <summary>The schema of one component: its scripts in order. Script n takes the component from version n to n+1; published scripts never change.</summary>
/// <param name="Name">The component, for example <c>history</c>; its tables start with this word.</param>
/// <param name="Scripts">SQL scripts; each may hold several statements and runs in one transaction.</param>
/// <example><code>new MigrationSet("audit", ["create table audit_record(sequence integer primary key, body blob not null)"])</code></example>
public sealed record MigrationSet(string Name, IReadOnlyList<string> Scripts);
