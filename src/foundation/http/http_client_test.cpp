#include "foundation/http/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <thread>

#include "foundation/config/test_support.h"
#include "foundation/http/test_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;
using testing::Not;

HttpRequest request_to(const RawServer& server, std::string body = "") {
  return {.method = body.empty() ? "GET" : "POST", .url = parse_url(server.url() + "/v1", "url"), .body = body};
}

struct Failed {
  HttpFailure failure = HttpFailure::kRequest;
  std::string message = "nothing was thrown";
};

Failed failure_of(const HttpRequest& request, std::stop_token stop = {}) {
  try {
    HttpClient().send(request, stop);
  } catch (const HttpError& error) {
    return {error.failure(), error.what()};
  }
  return {};
}

/// What the client makes of a server that says this and closes the connection.
Failed failure_of_answer(const std::string& answer) {
  RawServer server([&](Peer& peer) {
    peer.read_request();
    peer.write(answer);
  });
  HttpRequest request = request_to(server);
  request.limits.max_body_bytes = 1 << 20;
  Failed failed = failure_of(request);
  EXPECT_THAT(failed.message, HasSubstr(cat("127.0.0.1:", server.port())));
  return failed;
}

TEST(HttpClient, SendsARequestAndReadsTheAnswer) {
  std::string seen;
  RawServer server([&](Peer& peer) {
    seen = peer.read_request();
    peer.write(http_answer("hello", "418 I'm a teapot", "X-Kind: \t tea \r\n"));
  });
  HttpRequest request = request_to(server, "body");
  request.headers = {{"Content-Type", "text/plain"}};
  const HttpResponse response = HttpClient().send(request);
  EXPECT_EQ(response.status, 418);
  EXPECT_EQ(response.body, "hello");
  EXPECT_EQ(response.header("x-kind"), "tea");
  EXPECT_EQ(response.header("x-other"), "");
  EXPECT_THAT(seen, testing::StartsWith("POST /v1 HTTP/1.1\r\n"));
  EXPECT_THAT(seen, HasSubstr(cat("Host: 127.0.0.1:", server.port(), "\r\n")));
  EXPECT_THAT(seen, HasSubstr("Content-Type: text/plain\r\n"));
  EXPECT_THAT(seen, testing::EndsWith("Content-Length: 4\r\n\r\nbody"));
}

TEST(HttpClient, ReadsChunksAndAnswersThatEndWithTheConnection) {
  RawServer server([&](Peer& peer) {
    const bool chunks = peer.read_request().starts_with("POST");
    peer.write(chunks ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
                      : "HTTP/1.1 200 OK\r\n\r\nto the end");
  });
  const HttpClient client;
  EXPECT_EQ(client.send(request_to(server, "x")).body, "abcde");
  EXPECT_EQ(client.send(request_to(server)).body, "to the end");
}

TEST(HttpClient, SpeaksIpv6) {
  std::unique_ptr<RawServer> server;
  try {
    server = std::make_unique<RawServer>([](Peer& peer) { peer.write(http_answer(peer.read_request())); }, AF_INET6);
  } catch (const Error&) {
    GTEST_SKIP() << "this machine has no IPv6";
  }
  const HttpRequest request{.url = parse_url(cat("http://[::1]:", server->port(), "/"), "url")};
  EXPECT_THAT(HttpClient().send(request).body, HasSubstr(cat("Host: [::1]:", server->port())));
}

TEST(HttpClient, KeepsConnectionsForTheNextCall) {
  RawServer server([](Peer& peer) {
    while (!peer.read_request().empty()) peer.write(http_answer("x"));
  });
  const HttpClient client;
  for (int i = 0; i < 5; ++i) client.send(request_to(server));
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_EQ(client.idle_connections(), 1u);
}

TEST(HttpClient, OpensAnotherConnectionWhereTheServerHasClosedTheFirst) {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.write(http_answer("x"));
  });
  const HttpClient client;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(client.send(request_to(server)).body, "x");
  EXPECT_EQ(server.connections(), 20u);
}

TEST(HttpClient, SendsNothingTwiceOnceTheAnswerHasBegun) {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.write(http_answer("x"));
    if (!peer.read_request().empty()) peer.write("HTTP/1.1 200 OK\r\n");
  });
  const HttpClient client;
  client.send(request_to(server));
  EXPECT_THAT(error_of([&] { client.send(request_to(server, "order")); }), HasSubstr("half of one"));
  EXPECT_EQ(server.connections(), 1u);
}

TEST(HttpClient, KeepsNoConnectionThatIsToBeClosedOrSaysMoreThanWasAsked) {
  RawServer server([](Peer& peer) {
    const bool closes = peer.read_request().starts_with("POST");
    peer.write(closes ? http_answer("x", "200 OK", "Connection: close\r\n") : http_answer("x") + http_answer("stray"));
    peer.hold();
  });
  const HttpClient client;
  client.send(request_to(server, "close"));
  EXPECT_EQ(client.idle_connections(), 0u);
  EXPECT_EQ(client.send(request_to(server)).body, "x");
  EXPECT_EQ(client.send(request_to(server)).body, "x") << "the stray answer is nobody's";
}

TEST(HttpClient, ServesManyThreadsAtOnce) {
  constexpr int kThreads = 8;
  std::latch together(kThreads);
  std::atomic<int> connections = 0;
  RawServer server([&](Peer& peer) {
    std::string request = peer.read_request();
    // Only the first ones: with more idle than are kept, connections are closed and opened again.
    if (connections++ < kThreads) together.arrive_and_wait();
    for (; !request.empty(); request = peer.read_request()) peer.write(http_answer(request.substr(request.size() - 2)));
  });
  const HttpClient client({.max_idle = 4});
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int call = 0; call < 20; ++call) {
        const std::string body = cat(thread, call % 10);
        EXPECT_EQ(client.send(request_to(server, body)).body, body);
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_LE(client.idle_connections(), 4u);
}

TEST(HttpClient, FollowsNoRedirect) {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.write(http_answer("", "302 Found", "Location: http://elsewhere.invalid/\r\n"));
  });
  EXPECT_EQ(HttpClient().send(request_to(server)).status, 302);
  EXPECT_EQ(server.connections(), 1u);
}

TEST(HttpClient, RefusesHeadersThatBeginAnother) {
  RawServer server([](Peer& peer) { peer.hold(); });
  for (const HttpHeader& header : std::vector<HttpHeader>{{"Authorization", "Bearer sesame\r\nX-Evil: 1"},
                                                          {"Authorization", "sesame\n"},
                                                          {"Authorization", std::string("sesame\0", 7)},
                                                          {"X-Evil: 1\r\nX", "sesame"},
                                                          {"", "sesame"}}) {
    HttpRequest request = request_to(server);
    request.headers = {header};
    const Failed failed = failure_of(request);
    EXPECT_EQ(failed.failure, HttpFailure::kRequest);
    EXPECT_THAT(failed.message, Not(HasSubstr("sesame"))) << "a key must not get into a log";
  }
  HttpRequest request = request_to(server);
  request.url.target = "/ HTTP/1.1\r\nX-Evil: 1";
  EXPECT_EQ(failure_of(request).failure, HttpFailure::kRequest);
  request = request_to(server);
  request.method = "GET /other";
  EXPECT_EQ(failure_of(request).failure, HttpFailure::kRequest);
  EXPECT_EQ(server.connections(), 0u);
}

TEST(HttpClient, SaysWhereNobodyListens) {
  uint16_t port = 0;
  {
    port = RawServer([](Peer&) {}).port();
  }
  const Failed failed = failure_of({.url = parse_url(cat("http://127.0.0.1:", port), "url")});
  EXPECT_EQ(failed.failure, HttpFailure::kRefused);
  EXPECT_THAT(failed.message, HasSubstr(cat("127.0.0.1:", port)));
  EXPECT_THAT(failed.message, HasSubstr("nobody listening"));
}

TEST(HttpClient, SaysThatNobodyKnowsTheHost) {
  // No such name can exist (RFC 6761). A machine without any resolver may take its time to say so.
  const Failed failed =
      failure_of({.url = parse_url("http://no-such-host.invalid", "url"), .limits = {.connect_seconds = 0.3}});
  EXPECT_THAT(failed.failure, testing::AnyOf(HttpFailure::kHost, HttpFailure::kTimeout));
  EXPECT_THAT(failed.message, HasSubstr("no-such-host.invalid:80"));
}

TEST(HttpClient, GivesUpWhenTheTimeIsUp) {
  for (const char* begun : {"", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"}) {
    RawServer server([&](Peer& peer) {
      peer.read_request();
      peer.write(begun);
      peer.hold();
    });
    HttpRequest request = request_to(server);
    request.limits.total_seconds = 0.05;
    const Failed failed = failure_of(request);
    EXPECT_EQ(failed.failure, HttpFailure::kTimeout) << begun;
    EXPECT_THAT(failed.message, HasSubstr("in time"));
  }
}

TEST(HttpClient, StopsAtOnce) {
  std::stop_source stop;
  RawServer server([&](Peer& peer) {
    peer.read_request();
    stop.request_stop();
    peer.hold();
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(failure_of(request_to(server), stop.get_token()).failure, HttpFailure::kStopped);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_EQ(failure_of(request_to(server), stop.get_token()).failure, HttpFailure::kStopped);
}

TEST(HttpClient, SaysThatTheServerBrokeOff) {
  for (const char* answer : {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    const Failed failed = failure_of_answer(answer);
    EXPECT_EQ(failed.failure, HttpFailure::kClosed) << answer;
    EXPECT_THAT(failed.message, HasSubstr("closed the connection"));
  }
}

TEST(HttpClient, RefusesWhatIsNoHttp) {
  for (const char* answer :
       {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "\x16\x03\x01\x02\x01\x01\r\n\r\n", "HTTP/1.1 2OO OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n0\r\n\r\n"}) {
    EXPECT_EQ(failure_of_answer(answer).failure, HttpFailure::kGarbage) << answer;
  }
}

TEST(HttpClient, RefusesAGigabyteBeforeItComes) {
  const Failed failed = failure_of_answer("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
  EXPECT_EQ(failed.failure, HttpFailure::kTooLarge);
}

/// What the client makes of a server that goes on saying this.
HttpFailure failure_of_endless(const std::string& begin, const std::string& more) {
  RawServer server([&](Peer& peer) {
    peer.read_request();
    peer.write(begin);
    while (peer.write(more)) continue;
  });
  HttpRequest request = request_to(server);
  request.limits.max_body_bytes = 1 << 20;
  return failure_of(request).failure;
}

TEST(HttpClient, StopsReadingWhatNeverEnds) {
  const std::string kilobyte(1024, 'x');
  EXPECT_EQ(failure_of_endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "400\r\n" + kilobyte + "\r\n"),
            HttpFailure::kTooLarge);
  EXPECT_EQ(failure_of_endless("HTTP/1.1 200 OK\r\n\r\n", kilobyte), HttpFailure::kTooLarge);
  EXPECT_EQ(failure_of_endless("HTTP/1.1 200 OK\r\n", "X-More: " + kilobyte + "\r\n"), HttpFailure::kTooLarge);
  EXPECT_EQ(failure_of_endless("HTTP/1.1 200 OK\r\nX-More: ", kilobyte), HttpFailure::kTooLarge);
  EXPECT_EQ(failure_of_endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", kilobyte),
            HttpFailure::kTooLarge);
}

}  // namespace
}  // namespace fusion
