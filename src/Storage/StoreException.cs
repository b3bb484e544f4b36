namespace Castellan.Storage;

/// <summary>The store could not do what was asked. The subtypes name the decisions a caller can make.</summary>
public class StoreException : Exception
{
    /// <summary>Creates the exception with a text of the form "problem; remedy".</summary>
    public StoreException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}

/// <summary>The file is not a database or fails its integrity check. Nothing was deleted; a person must decide.</summary>
public sealed class StoreCorruptedException(string message, Exception? inner = null) : StoreException(message, inner);

/// <summary>Another process holds the store; only one may write it.</summary>
public sealed class StoreInUseException(string message, Exception? inner = null) : StoreException(message, inner);

/// <summary>The disk is full or failed, or the database server cannot be reached. The unit was not written; the store stays usable and the unit may be tried again.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : StoreException(message, inner);

/// <summary>
/// The connection broke while a commit was under way and nobody could be asked in time what became of it: the unit is durable or it is not.
/// What memory holds must be read again.
/// </summary>
public sealed class StoreOutcomeUnknownException(string message, Exception? inner = null) : StoreException(message, inner);

/// <summary>A unit worked on what this process does not hold any more; nothing of it was written. What memory holds must be read again.</summary>
/// <remarks>Raised by a schema's own functions with the SQLSTATE <c>CF001</c>.</remarks>
public sealed class StoreFencedException(string message, Exception? inner = null) : StoreException(message, inner);

/// <summary>A text names no store.</summary>
public sealed class StoreLocationException(string message, Exception? inner = null) : StoreException(message, inner);

/// <summary>A constraint refused a row (unique, primary key, check, not null, foreign key).</summary>
public sealed class StoreConflictException(string message) : StoreException(message);

/// <summary>The system's SQLite library cannot be loaded or is too old.</summary>
public sealed class SqliteLibraryException(string message, Exception? inner = null) : StoreException(message, inner);
