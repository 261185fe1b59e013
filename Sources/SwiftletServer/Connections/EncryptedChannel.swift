#if Server
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// A TLS connection, with the certificate that was current when it was opened.
struct EncryptedChannel: ServerChildChannel {
  let certificates: Certificates
  let base: LoopChannel

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<LoopChannel.Value> {
    channel.eventLoop.makeCompletedFuture {
      guard let context = certificates.context else { throw ChannelError.ioOnClosedChannel }
      try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
    }.flatMap {
      base.setup(channel: channel, logger: logger)
    }
  }

  func handle(value: LoopChannel.Value, logger: Logger) async {
    await base.handle(value: value, logger: logger)
  }
}
#endif
