#if Hub
/// A model as a user names it: `org/name`, `org/name@revision`, or an address of the Hub's site.
package struct ModelAddress: Hashable, Sendable, CustomStringConvertible {
  package let repository: RepositoryName
  /// Nil for the default branch.
  package let revision: Revision?

  /// Reads `org/name@revision`, `hf://org/name@revision` or
  /// `https://huggingface.co/org/name/tree/revision`; each without a revision too.
  ///
  /// - Throws: ``HubError/invalidName(name:reason:)``.
  package init(_ text: String) throws(HubError) {
    var rest = text[...]
    for prefix in ["https://huggingface.co/", "https://hf.co/", "hf://"]
    where rest.hasPrefix(prefix) {
      rest = rest.dropFirst(prefix.count)
      while rest.last == "/" { rest.removeLast() }
      // The site's address of a revision is NAME/tree/REVISION.
      if let page = rest.firstRange(of: "/tree/") {
        repository = try RepositoryName(String(rest[..<page.lowerBound]))
        revision = try Revision(String(rest[page.upperBound...]))
        return
      }
    }
    guard let sign = rest.firstIndex(of: "@") else {
      repository = try RepositoryName(String(rest))
      revision = nil
      return
    }
    repository = try RepositoryName(String(rest[..<sign]))
    revision = try Revision(String(rest[rest.index(after: sign)...]))
  }

  /// `org/name`, or `org/name@revision`.
  package var description: String { repository.description + (revision.map { "@\($0)" } ?? "") }
}
#endif
