using System.Text;
using Castellan.Audit.Transparency;

namespace Castellan.Audit.Tests.Transparency;

public sealed class CheckpointTests
{
    /// <summary>The example of Go's sumdb/note package, whose format C2SP signed-note describes.</summary>
    private const string KnownVerifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    private const string KnownNote = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        + "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Parse_WhenNoteIsTheKnownOne_VerifiesAndWritesTheSame()
    {
        var verifier = NoteVerifier.Parse(KnownVerifier);
        var note = SignedNote.Parse(KnownNote);

        Assert.True(verifier.HasSigned(note));
        Assert.Equal(KnownNote, note.ToString());
        Assert.Equal(KnownVerifier, verifier.ToString());
    }

    [Fact]
    public void HasSigned_WhenAByteOfTheNoteChanges_IsFalse()
    {
        var verifier = NoteVerifier.Parse(KnownVerifier);
        for (var i = 0; i < KnownNote.IndexOf("\n\n", StringComparison.Ordinal); i++)
        {
            if (KnownNote[i] != '\n')
            {
                Assert.False(verifier.HasSigned(SignedNote.Parse(KnownNote[..i] + 'X' + KnownNote[(i + 1)..])));
            }
        }
    }

    [Fact]
    public void Open_WhenLogSigned_GivesTheCheckpoint()
    {
        using var log = new NoteSigner("castellan.test/audit", NoteSigner.NewKey());
        var checkpoint = new Checkpoint("castellan.test/audit", 42, MerkleHash.OfLeaf("x"u8));
        var note = checkpoint.Sign(log, Now).ToString();

        Assert.Equal(checkpoint, Checkpoint.Open(SignedNote.Parse(note), NoteVerifier.Parse(log.Verifier.ToString())));
        Assert.StartsWith("castellan.test/audit\n42\n", note, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WhenAnotherKeySigned_Throws()
    {
        using var log = new NoteSigner("castellan.test/audit", NoteSigner.NewKey());
        using var thief = new NoteSigner("castellan.test/audit", NoteSigner.NewKey());
        using var other = new NoteSigner("other.test/audit", NoteSigner.NewKey());
        var checkpoint = new Checkpoint("castellan.test/audit", 42, MerkleHash.OfLeaf("x"u8));

        Assert.Throws<FormatException>(() => Checkpoint.Open(checkpoint.Sign(thief, Now), log.Verifier));
        Assert.Throws<ArgumentException>(() => checkpoint.Sign(other, Now));
        Assert.Throws<FormatException>(() => Checkpoint.Open(other.Sign(new(checkpoint.ToString(), []), Now), other.Verifier));
    }

    [Fact]
    public void CosignedAt_WhenWitnessSigned_GivesTheTime()
    {
        using var log = new NoteSigner("castellan.test/audit", NoteSigner.NewKey());
        using var witness = new NoteSigner("witness.test", NoteSigner.NewKey(), NoteKeyType.Cosignature);
        var note = SignedNote.Parse(witness.Sign(new Checkpoint("castellan.test/audit", 42, MerkleHash.OfLeaf("x"u8)).Sign(log, Now), Now).ToString());

        Assert.Equal(Now, NoteVerifier.Parse(witness.Verifier.ToString()).CosignedAt(note));
        Assert.True(log.Verifier.HasSigned(note));
        Assert.Null(log.Verifier.CosignedAt(note));
        var later = note.Signatures[1].Signature.ToArray();
        later[7]++;
        Assert.Null(witness.Verifier.CosignedAt(note with { Signatures = [note.Signatures[0], note.Signatures[1] with { Signature = later }] }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\nno line\n")]
    [InlineData("text\n\n— a\n")]
    [InlineData("text\n\n— a b+c!\n")]
    [InlineData("text\n\n— a AAAA\n")]
    [InlineData("text\r\n\n— a AAAAAAAA\n")]
    [InlineData("text\n\n— a AAAAAAAA")]
    public void Parse_WhenNoteIsMalformed_Throws(string note) => Assert.Throws<FormatException>(() => SignedNote.Parse(note));

    [Theory]
    [InlineData("")]
    [InlineData("PeterNeumann")]
    [InlineData("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq")]
    [InlineData("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumann+c74f20a3+ABpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    public void Parse_WhenKeyIsMalformed_Throws(string key) => Assert.Throws<FormatException>(() => NoteVerifier.Parse(key));

    [Theory]
    [InlineData("origin\n-1\n{0}\n")]
    [InlineData("origin\n+1\n{0}\n")]
    [InlineData("origin\n01\n{0}\n")]
    [InlineData("origin\n99999999999999999999\n{0}\n")]
    [InlineData("origin\n1\nAAAA\n")]
    [InlineData("\n1\n{0}\n")]
    [InlineData("origin\n1\n")]
    public void Open_WhenSignedTextIsNoCheckpoint_Throws(string text)
    {
        using var log = new NoteSigner("origin", NoteSigner.NewKey());
        var note = log.Sign(new(string.Format(System.Globalization.CultureInfo.InvariantCulture, text, MerkleHash.EmptyTree), []), Now);
        Assert.Throws<FormatException>(() => Checkpoint.Open(note, log.Verifier));
    }

    [Fact]
    public void Parse_WhenGivenRandomText_ThrowsOnlyFormatExceptions()
    {
        var random = new Random(7);
        string[] pieces = ["\n", "\n\n", "— ", "a", " ", "AAAAAAAA", "=", "+", "PeterNeumann", KnownNote, "\0", "é"];
        for (var i = 0; i < 20_000; i++)
        {
            var text = new StringBuilder();
            for (var n = random.Next(8); n > 0; n--)
            {
                text.Append(pieces[random.Next(pieces.Length)]);
            }

            try
            {
                SignedNote.Parse(text.ToString());
            }
            catch (FormatException)
            {
                // refused, as it should be
            }
        }
    }
}
