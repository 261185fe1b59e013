#if Hub
import Testing

@testable import SwiftletHub

@Suite struct HubURLTests {
  @Test(arguments: [
    ("https://huggingface.co", "https://huggingface.co/", "https://huggingface.co:443"),
    (
      "HTTPS://HuggingFace.co:443/a?b=c#d", "https://huggingface.co/a?b=c",
      "https://huggingface.co:443"
    ),
    ("http://localhost:8080/x/", "http://localhost:8080/x/", "http://localhost:8080"),
    ("http://[::1]:80/", "http://[::1]/", "http://[::1]:80"),
    ("http://host?a", "http://host/?a", "http://host:80"),
  ])
  func `addresses are taken apart`(text: String, expected: String, origin: String) throws {
    let url = try #require(HubURL(text))
    #expect(url.description == expected && url.origin == origin)
  }

  @Test(arguments: [
    "", "huggingface.co", "ftp://host/", "http://", "http:///a", "http://user@host/",
    "http://host:x/",
    "http://host:99999/", "http://ho st/", "http://host/ä", "http://[::1", "http://host:/",
    "http://host\r\n/",
  ])
  func `other texts are not addresses`(text: String) {
    #expect(HubURL(text) == nil)
  }

  @Test(arguments: [
    ("/new", "https://a.b:5/new"), ("//c/d", "https://c/d"), ("http://c:1/d?e", "http://c:1/d?e"),
    ("file", "https://a.b:5/x/file"), ("?q=1", "https://a.b:5/x/y?q=1"),
    ("/a:b", "https://a.b:5/a:b"),
  ])
  func `a redirect is relative to the address that sent it`(location: String, expected: String)
    throws
  {
    let url = try #require(HubURL("https://a.b:5/x/y?z"))
    #expect(url.resolving(location)?.description == expected)
  }

  @Test(arguments: ["file:///etc/passwd", "javascript:x", "http://user:pass@host/", "//", "/\u{0}"])
  func `a redirect out of HTTP is not followed`(location: String) throws {
    let url = try #require(HubURL("https://a.b/x"))
    #expect(url.resolving(location) == nil)
  }

  @Test func `a path is appended after one slash`() throws {
    for base in ["http://h/hub", "http://h/hub/", "http://h/hub//"] {
      #expect(try #require(HubURL(base)).appending("/api").description == "http://h/hub/api")
    }
  }

  // The values of urllib.parse.quote.
  @Test func `parts of paths are encoded as in Python`() {
    #expect(HubURL.encoded("refs/pr/1") == "refs%2Fpr%2F1")
    #expect(HubURL.encoded("a-b_c.d~e") == "a-b_c.d~e")
    #expect(
      HubURL.encoded("subfolder/to?/awful?filename%you:should,never.give", keepingSlashes: true)
        == "subfolder/to%3F/awful%3Ffilename%25you%3Ashould%2Cnever.give")
    #expect(HubURL.encoded("ünï") == "%C3%BCn%C3%AF")
  }

  @Test func `only the Hub's hosts are trusted with the token`() throws {
    let environment = HubEnvironment { ["HF_ENDPOINT": "http://mirror:8080/hub"][$0] }
    let settings = try HubSettings(HubOptions(cache: "/tmp"), environment)
    for trusted in ["http://mirror:8080/other", "https://huggingface.co/x", "https://hf.co/"] {
      #expect(settings.trusts(try #require(HubURL(trusted))))
    }
    for other in [
      "https://mirror:8080/", "http://mirror/", "http://huggingface.co/",
      "https://cdn.huggingface.co/",
      "https://huggingface.co.evil/", "https://huggingface.co:8443/", "http://mirror:8081/hub",
    ] {
      #expect(!settings.trusts(try #require(HubURL(other))))
    }
  }
}
#endif
