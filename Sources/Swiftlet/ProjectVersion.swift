/// The version of all that is in this package, but for the Python package, which names its own.
package enum ProjectVersion {
  package static let text: StaticString = "0.1.0"
}
