#if Server
/// Keeps the API key out of logs: service groups log a server together with its configuration.
extension ServerConfiguration: CustomStringConvertible, CustomReflectable {
  /// The model and the address.
  public var description: String {
    "ServerConfiguration(\(modelDirectory) at \(hostname):\(port))"
  }

  /// The description's members, for `dump` and mirrors.
  public var customMirror: Mirror {
    Mirror(self, children: ["modelDirectory": modelDirectory, "hostname": hostname, "port": port])
  }
}
#endif
