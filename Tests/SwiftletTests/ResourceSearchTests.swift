import Foundation
import Swiftlet
import Testing

@testable import SwiftletWeights

struct ResourceSearchTests {
  private static let unset = "SWIFTLET_A_VARIABLE_THAT_IS_NOT_SET"

  @Test func `the model is found beside the program that SwiftPM built`() throws {
    let search = ResourceSearch(name: "sentiment", variable: Self.unset)
    let found = try search.directory()
    #expect(found == search.places.first)
    #expect(found.hasSuffix("/Swiftlet_SwiftletWeightsFiles.resources/sentiment"))
  }

  @Test func `the places are absolute and distinct, and end at the build folder`() {
    let places = ResourceSearch(name: "sentiment", variable: Self.unset).places
    #expect(places.allSatisfy { $0.hasPrefix("/") && !$0.hasPrefix("//") })
    #expect(Set(places).count == places.count)
    #expect(places.last?.hasSuffix("/weights/sentiment") == true)
    #expect(places.contains { $0.hasSuffix("/share/swiftlet/models/sentiment") })
  }

  @Test func `the error on a missing model names every place and the variable`() {
    let search = ResourceSearch(name: "no-such-model", variable: Self.unset)
    #expect {
      try search.directory()
    } throws: { error in
      guard case SwiftletError.missingFile(let reason)? = error as? SwiftletError else {
        return false
      }
      return search.places.allSatisfy(reason.contains) && reason.contains(Self.unset)
    }
  }

  /// `PATH` is set everywhere, and is the folder of a model nowhere.
  @Test func `a variable without a model is an error, and other places are ignored`() {
    #expect {
      try ResourceSearch(name: "sentiment", variable: "PATH").directory()
    } throws: { error in
      "\(error)".hasPrefix("PATH is \"") && "\(error)".contains("name the folder")
    }
  }

  /// The name of the model is its path from the folder in `PWD`.
  @Test func `a variable may name the folder around the model`() throws {
    let pwd = try #require(ProcessInfo.processInfo.environment["PWD"])
    let model = try BundledModel.sentimentDirectory()
    let up = pwd.split(separator: "/").map { _ in ".." }.joined(separator: "/")
    let search = ResourceSearch(name: up + model, variable: "PWD")
    #expect(try search.directory() == pwd + "/" + up + model)
  }
}
