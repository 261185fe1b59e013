#if Server
/// Keeps the API key out of logs: whoever logs a server, as service groups do, logs its configuration
/// with it.
extension ServerConfiguration: CustomStringConvertible, CustomReflectable {
  /// The model and the address.
  public var description: String {
    "ServerConfiguration(\(modelDirectory) at \(hostname):\(port))"
  }

  /// The same for what walks through members.
  public var customMirror: Mirror {
    Mirror(self, children: ["modelDirectory": modelDirectory, "hostname": hostname, "port": port])
  }
}
#endif
