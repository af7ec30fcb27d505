namespace Muster.Cli;

/// <summary>Standard input or a pipe. A read of it waits in the kernel, where no token reaches it: this one is given up when the command is stopped, and the process ends under it.</summary>
sealed class PipedInput(Stream pipe) : Stream
{
    readonly byte[] window = new byte[1 << 16]; // of its own: a read that was given up may still fill it

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var most = Math.Min(buffer.Length, window.Length);
        var read = await Task.Run(() => pipe.Read(window, 0, most), CancellationToken.None).WaitAsync(cancellationToken);
        window.AsMemory(0, read).CopyTo(buffer);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => pipe.Read(buffer, offset, count);
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
