namespace Castellan.Storage.Writing;

/// <summary>A unit that goes on after a failed statement: PostgreSQL could not, so SQLite does not let it either.</summary>
internal static class UnitFailure
{
    public static StoreException Continued(StoreException first) => new(
        $"the unit of work went on after one of its statements had failed ({first.Message}); let the exception out, or say 'on conflict … do nothing' where a row may exist", first);
}
