#if Hub
import Testing

@testable import SwiftletHub

@Suite struct NameTests {
  @Test(arguments: [
    "foo", "foo/bar", "123", "Foo-BAR_foo.bar123", String(repeating: "x", count: 96),
  ])
  func `the Hub's names are accepted`(name: String) throws {
    #expect(try RepositoryName(name).description == name)
  }

  @Test(arguments: [
    "", "datasets/foo/bar", ".repo", "repo.", "-repo", "foo--bar", "foo..bar", "foo.git", "a/b/c",
    "/foo", "foo/", "foo bar", "föö", "foo\0", "foo\\bar", String(repeating: "x", count: 97),
  ])
  func `other names are refused`(name: String) {
    #expect(throws: HubError.self) { try RepositoryName(name) }
  }

  @Test func `a repository's folder has dashes for the slash`() throws {
    #expect(try RepositoryName("org/name").folderName == "models--org--name")
    #expect(try RepositoryName("bert").folderName == "models--bert")
  }

  @Test(arguments: [
    ("org/name", "org/name", nil), ("org/name@v1", "org/name", "v1"),
    ("name@refs/pr/1", "name", "refs/pr/1"), ("hf://org/name@v1", "org/name", "v1"),
    ("https://huggingface.co/org/name", "org/name", nil),
    ("https://huggingface.co/org/name/", "org/name", nil),
    ("https://hf.co/org/name/tree/refs/pr/1", "org/name", "refs/pr/1"),
  ])
  func `an address has a repository and may have a revision`(
    text: String, repository: String, revision: String?
  ) throws {
    let address = try ModelAddress(text)
    #expect(address.repository.description == repository)
    #expect(address.revision?.description == revision)
  }

  @Test(arguments: ["", "..", "a/../b", "a//b", "/a", "a/", "a b", "a\nb", "a\\b", "a\u{7F}", "."])
  func `a revision that is not a path within refs is refused`(text: String) {
    #expect(throws: HubError.self) { try Revision(text) }
    #expect(throws: HubError.self) { try ModelAddress("org/name@\(text)") }
  }

  @Test func `forty hexadecimal digits in lower case are a commit`() throws {
    let digits = String(repeating: "0a", count: 20)
    #expect(try Revision(digits).commit?.description == digits)
    for other in [digits.uppercased(), String(digits.dropLast()), digits + "0", "main"] {
      #expect(try Revision(other).commit == nil)
    }
  }

  @Test(arguments: [
    "config.json", "1_Pooling/config.json", "subfolder/to?/awful?filename%you:should,never.give",
    "a..b/...c", ".gitattributes",
  ])
  func `paths within a repository are accepted`(path: String) throws {
    #expect(try RepositoryFile(path).description == path)
  }

  @Test(arguments: [
    "", "/", "/etc/passwd", "..", "../a", "a/..", "a/../b", "a\\..\\b", "..\\a", "\\a",
    "\\\\host\\a",
    "C:a", "C:/a", "a/C:b", "a//b", "a/", "./a", "a/./b", "a\0b",
    String(repeating: "x", count: 256),
  ])
  func `paths that leave a folder on any system are refused`(path: String) {
    #expect(throws: HubError.self) { try RepositoryFile(path) }
  }
}
#endif
