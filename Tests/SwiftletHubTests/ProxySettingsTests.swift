#if Hub
import Testing

@testable import SwiftletHub

@Suite struct ProxySettingsTests {
  private func proxy(_ variables: [String: String], for address: String) throws -> String? {
    let settings = try ProxySettings(HubEnvironment { variables[$0] })
    return settings.proxy(for: try #require(HubURL(address)))?.description
  }

  @Test func `each scheme has its proxy, and one variable is for both`() throws {
    let both = ["https_proxy": "http://s:1", "HTTP_PROXY": "p:2/"]
    #expect(try proxy(both, for: "https://a/") == "s:1")
    #expect(try proxy(both, for: "http://a/") == "p:2")
    #expect(try proxy(["ALL_PROXY": "http://all"], for: "https://a/") == "all:80")
    #expect(try proxy([:], for: "https://a/") == nil)
    #expect(try proxy(["https_proxy": "x:1", "HTTPS_PROXY": "y:1"], for: "https://a/") == "x:1")
  }

  @Test(arguments: [
    ("*", "https://a.b/", false), ("a.b", "https://a.b/", false), (".b", "https://a.b/", false),
    ("*.b", "https://a.b/", false), ("x, B ", "https://a.b/", false),
    ("a.b:443", "https://a.b/", false),
    ("a.b:80", "https://a.b/", true), ("b", "https://ab/", true), ("", "https://a.b/", true),
    ("::1", "https://[::1]/", false), (",,", "https://a.b/", true),
  ])
  func `hosts of no_proxy are reached directly`(list: String, address: String, isUsed: Bool) throws
  {
    let variables = ["https_proxy": "p:1", "no_proxy": list]
    #expect((try proxy(variables, for: address) != nil) == isUsed)
  }

  @Test func `a password is decoded and not shown`() throws {
    let environment = HubEnvironment { ["https_proxy": "http://me:p%40ss%2@proxy:3128"][$0] }
    let proxy = try #require(try ProxySettings(environment).https)
    #expect(proxy.user == "me" && proxy.password == "p@ss%2" && "\(proxy)" == "proxy:3128")
  }

  @Test(arguments: ["socks5://p:1", "https://p:1", "http://", "p:x", "http://me:hush@p:x"])
  func `another kind of proxy is refused without its password`(value: String) {
    #expect {
      try proxy(["https_proxy": value], for: "https://a/")
    } throws: { error in
      !"\(error)".contains("hush") && "\(error)".contains("https_proxy must be")
    }
  }
}
#endif
