#if Hub
import Testing

@testable import SwiftletHub

@Suite struct TreeListingTests {
  private static let hash = String(repeating: "b", count: 64)

  private static func entries() -> [TreeListing.Entry] {
    var large = TreeListing.Entry(path: "model.safetensors", size: 3, blobID: "c1")
    large.largeFile = (hash, 3)
    large.xetHash = hash
    return [large, .init(path: "config.json", size: 519, blobID: "c2")]
  }

  // What huggingface_hub 2.4 writes for these files.
  private static let text = """
    {
     "format_version": 1,
     "files": {
      "config.json": {
       "size": 519,
       "blob_id": "c2"
      },
      "model.safetensors": {
       "size": 3,
       "blob_id": "c1",
       "lfs_sha256": "\(hash)",
       "lfs_size": 3,
       "xet_hash": "\(hash)"
      }
     }
    }
    """

  private func read(_ text: String) -> TreeListing? {
    Array(text.utf8).withUnsafeBytes { TreeListing(file: $0) }
  }

  @Test func `a list is written as Python writes it, and read back`() {
    let listing = TreeListing(Self.entries())
    #expect(String(decoding: listing.json, as: UTF8.self) == Self.text)
    #expect(read(Self.text) == listing)
  }

  @Test func `an empty list is written as Python writes it`() {
    let json = String(decoding: TreeListing([]).json, as: UTF8.self)
    #expect(json == "{\n \"format_version\": 1,\n \"files\": {}\n}")
    #expect(read(json) == TreeListing([]))
  }

  @Test func `names are sorted by scalars and escaped as Python does it`() {
    let names = ["é", "e\u{301}", "Z", "a\"\\\n", "\u{1F600}", "\u{FF5E}", "\u{7F}"]
    let listing = TreeListing(names.map { .init(path: $0, size: 0, blobID: "x") })
    #expect(
      listing.entries.map { Array($0.path.unicodeScalars) }
        == ["Z", "a\"\\\n", "e\u{301}", "\u{7F}", "é", "\u{FF5E}", "\u{1F600}"].map {
          Array($0.unicodeScalars)
        })
    let json = String(decoding: listing.json, as: UTF8.self)
    #expect(json.contains(#""a\"\\\n""#) && json.contains(#""\ud83d\ude00""#))
    #expect(json.contains(#""\u007f""#) && json.utf8.allSatisfy { $0 < 0x80 })
    #expect(read(json) == listing)
  }

  @Test func `a page has the files and not the folders`() throws {
    let page = """
      [{"type":"directory","oid":"0","size":0,"path":"a"},
       {"type":"file","oid":"c2","size":519,"path":"config.json"},
       {"type":"file","oid":"c1","size":3,"path":"model.safetensors","xetHash":"\(Self.hash)",
        "lfs":{"oid":"\(Self.hash)","size":3,"pointerSize":134}}]
      """
    let entries = try #require(TreeListing.page(Array(page.utf8)))
    #expect(TreeListing(entries) == TreeListing(Self.entries()))
  }

  @Test(arguments: [
    "", "{}", "[", "[{\"type\":\"file\"}]",
    "[{\"type\":\"file\",\"path\":\"a\",\"size\":-1,\"oid\":\"x\"}]",
    "[{\"type\":\"file\",\"path\":\"a\",\"size\":1e99,\"oid\":\"x\"}]",
    "[{\"type\":\"file\",\"path\":\"a\",\"size\":1,\"oid\":\"x\",\"lfs\":{}}]",
  ])
  func `a page that is not a list of files is refused`(text: String) {
    #expect(TreeListing.page(Array(text.utf8)) == nil)
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"format_version":2,"files":{}}"#, #"{"format_version":1,"files":{"a":{}}}"#,
    #"{"format_version":1,"files":{"a":{"size":1,"blob_id":"x","xet_hash":"short"}}}"#,
    #"{"format_version":1,"files":{"a":{"size":-1,"blob_id":"x"}}}"#,
  ])
  func `a list in the cache that Python ignores is ignored`(text: String) {
    #expect(read(text) == nil)
  }

  @Test func `the last of two entries with one path counts`() {
    let listing = TreeListing([
      .init(path: "a", size: 1, blobID: "x"), .init(path: "a", size: 2, blobID: "y"),
    ])
    #expect(listing.entries.map(\.size) == [2])
  }
}
#endif
