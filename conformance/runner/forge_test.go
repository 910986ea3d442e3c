package runner

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	pingv1 "code.gitea.io/actions-proto-go/ping/v1"
	"code.gitea.io/actions-proto-go/ping/v1/pingv1connect"
	runnerv1 "code.gitea.io/actions-proto-go/runner/v1"
	"code.gitea.io/actions-proto-go/runner/v1/runnerv1connect"
	"connectrpc.com/connect"
)

// forge answers a runner as Gitea does, and never has a job.
type forge struct {
	runnerv1connect.UnimplementedRunnerServiceHandler
	mu         sync.Mutex
	token      string
	registered []*runnerv1.RegisterRequest
	declared   []string
}

func newForge(t *testing.T, token string) (*forge, string) {
	t.Helper()
	f := &forge{token: token}
	api := http.NewServeMux()
	api.Handle(pingv1connect.NewPingServiceHandler(f))
	api.Handle(runnerv1connect.NewRunnerServiceHandler(f))
	mux := http.NewServeMux()
	mux.Handle("/api/actions/", http.StripPrefix("/api/actions", api))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return f, server.URL
}

func (f *forge) Ping(_ context.Context, request *connect.Request[pingv1.PingRequest]) (*connect.Response[pingv1.PingResponse], error) {
	return connect.NewResponse(&pingv1.PingResponse{Data: "Hello, " + request.Msg.Data + "!"}), nil
}

func (f *forge) Register(_ context.Context, request *connect.Request[runnerv1.RegisterRequest]) (*connect.Response[runnerv1.RegisterResponse], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if request.Msg.Token != f.token {
		return nil, connect.NewError(connect.CodeUnauthenticated, context.Canceled)
	}
	f.registered = append(f.registered, request.Msg)
	return connect.NewResponse(&runnerv1.RegisterResponse{Runner: &runnerv1.Runner{
		Id: int64(len(f.registered)), Uuid: "uuid", Token: "identity", Name: request.Msg.Name, Ephemeral: request.Msg.Ephemeral,
	}}), nil
}

func (f *forge) Declare(_ context.Context, request *connect.Request[runnerv1.DeclareRequest]) (*connect.Response[runnerv1.DeclareResponse], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.declared = request.Msg.Labels
	return connect.NewResponse(&runnerv1.DeclareResponse{Runner: &runnerv1.Runner{Name: "runner-0", Labels: request.Msg.Labels, Version: request.Msg.Version}}), nil
}

func (f *forge) FetchTask(context.Context, *connect.Request[runnerv1.FetchTaskRequest]) (*connect.Response[runnerv1.FetchTaskResponse], error) {
	return connect.NewResponse(&runnerv1.FetchTaskResponse{}), nil
}

func (f *forge) seen() (registered []*runnerv1.RegisterRequest, declared []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.registered, f.declared
}
