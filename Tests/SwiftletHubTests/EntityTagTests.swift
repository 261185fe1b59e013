#if Hub
import Testing

@testable import SwiftletHub

@Suite struct EntityTagTests {
  @Test func `a file of Git is hashed with its header`() throws {
    // printf 'hello\n' | git hash-object --stdin
    var digest = try #require(FileDigest(.gitBlob, size: 6))
    Array("hello\n".utf8).withUnsafeBytes { digest.update($0) }
    #expect(digest.finish() == "ce013625030ba8dba906f756967f9e9ca394464a")
    #expect(FileDigest(.gitBlob, size: nil) == nil)
  }

  @Test(arguments: [
    ("\"abc\"", "abc"), ("W/\"abc\"", "abc"), ("abc", "abc"), (" \"a-b_c.d\" ", "a-b_c.d"),
  ])
  func `a tag loses its quotes`(field: String, expected: String) {
    #expect(EntityTag(field)?.description == expected)
  }

  @Test(arguments: [
    "", "\"\"", "\"../a\"", "\"a/b\"", "\"..\"", "\".a\"", "\"a b\"", "\"ä\"", "\"a\0\"",
  ])
  func `a tag that is not the name of a file is refused`(field: String) {
    #expect(EntityTag(field) == nil)
  }
}
#endif
