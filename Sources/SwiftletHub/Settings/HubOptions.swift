#if Hub
/// Options of a ``Hub`` that take the place of environment variables.
public struct HubOptions: Sendable, Equatable {
  /// The token that proves who asks.
  public enum Token: Sendable, Equatable {
    /// `HF_TOKEN`, or else the file that `hf auth login` writes.
    case automatic
    /// No token is sent.
    case none
    /// This token is sent.
    case text(String)
  }

  /// The address of the Hub; nil for `HF_ENDPOINT`, or else `https://huggingface.co`.
  public var endpoint: String?
  /// The folder of the cache; nil for `HF_HUB_CACHE`, or else `$HF_HOME/hub`, or else
  /// `~/.cache/huggingface/hub`.
  public var cache: String?
  /// The token; it is sent to the Hub's own hosts only.
  public var token = Token.automatic
  /// Whether only the cache is used; nil for `HF_HUB_OFFLINE`.
  public var isOffline: Bool?

  /// Creates options; each has a default.
  public init(
    endpoint: String? = nil, cache: String? = nil, token: Token = .automatic,
    isOffline: Bool? = nil
  ) {
    self.endpoint = endpoint
    self.cache = cache
    self.token = token
    self.isOffline = isOffline
  }
}
#endif
