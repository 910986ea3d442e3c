package keda

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	kedav1alpha1 "github.com/kedacore/keda/v2/apis/keda/v1alpha1"
	"github.com/kedacore/keda/v2/pkg/scalers"
	"github.com/kedacore/keda/v2/pkg/scalers/scalersconfig"
	"github.com/kedacore/keda/v2/pkg/scaling/scaledjob"
)

// Which value holds the forge's address.
var addressOf = map[string]string{"metrics-api": "url", "forgejo-runner": "address", "github-runner": "githubApiURL"}

var origin = regexp.MustCompile(`^https?://[^/]+`)

// newScaler makes KEDA's scaler of a trigger as its operator does, except that the forge is at hand.
func newScaler(p parts, forge *forge) (scalers.Scaler, error) {
	trigger := p.job.Spec.Triggers[0]
	config := &scalersconfig.ScalerConfig{
		ScalableObjectName: p.job.Name, ScalableObjectNamespace: p.job.Namespace, ScalableObjectType: "ScaledJob", GlobalHTTPTimeout: 3 * time.Second,
		TriggerName: trigger.Name, TriggerType: trigger.Type, MetricType: trigger.MetricType, TriggerMetadata: map[string]string{}, AuthParams: map[string]string{}, ScaledObject: p.job,
	}
	for name, value := range trigger.Metadata {
		config.TriggerMetadata[name] = value
	}
	for _, target := range p.authentication.Spec.SecretTargetRef {
		config.AuthParams[target.Parameter] = secretValue(target)
	}
	address := addressOf[trigger.Type]
	if trigger.Type == "github-runner" && config.TriggerMetadata[address] == "" {
		config.TriggerMetadata[address] = "https://api.github.com"
	}
	config.TriggerMetadata[address] = origin.ReplaceAllString(config.TriggerMetadata[address], forge.URL)
	scaler, err := construct(config)
	if err != nil {
		return nil, err
	}
	metadata, parameters := declared(reflect.ValueOf(scaler).Elem().FieldByName("metadata").Type())
	for name := range config.TriggerMetadata {
		if !slices.Contains(metadata, name) {
			return nil, fmt.Errorf("%s does not know the metadata %s, only %v", trigger.Type, name, metadata)
		}
	}
	for name := range config.AuthParams {
		if !slices.Contains(parameters, name) {
			return nil, fmt.Errorf("%s does not know the parameter %s, only %v", trigger.Type, name, parameters)
		}
	}
	return scaler, nil
}

func construct(config *scalersconfig.ScalerConfig) (scalers.Scaler, error) {
	switch config.TriggerType {
	case "metrics-api":
		return scalers.NewMetricsAPIScaler(config, nil)
	case "forgejo-runner":
		return scalers.NewForgejoRunnerScaler(config)
	case "github-runner":
		return scalers.NewGitHubRunnerScaler(config)
	}
	return nil, fmt.Errorf("no scaler for triggers of the type %q is built here", config.TriggerType)
}

// A GitHub App's key; the program that is given it must be able to sign with it.
var appKey = func() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}()

func secretValue(target kedav1alpha1.AuthSecretTargetRef) string {
	if target.Parameter == "appKey" {
		return appKey
	}
	return token
}

// declared reads what a scaler says in the tags of its settings: the names that it looks for in metadata, and in secrets. KEDA itself
// ignores a name that nobody declares, so a wrong one among those that may be left out shows nowhere else.
func declared(settings reflect.Type) (metadata, parameters []string) {
	for settings.Kind() == reflect.Pointer {
		settings = settings.Elem()
	}
	for i := range settings.NumField() {
		tag, ok := settings.Field(i).Tag.Lookup("keda")
		if !ok {
			continue
		}
		values := map[string][]string{}
		for _, part := range strings.Split(tag, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			values[name] = strings.Split(value, ";")
		}
		if len(values["name"]) == 0 {
			innerMetadata, innerParameters := declared(settings.Field(i).Type)
			metadata, parameters = append(metadata, innerMetadata...), append(parameters, innerParameters...)
			continue
		}
		for _, place := range values["order"] {
			switch strings.TrimSpace(place) {
			case "triggerMetadata":
				metadata = append(metadata, values["name"]...)
			case "authParams":
				parameters = append(parameters, values["name"]...)
			}
		}
	}
	return metadata, parameters
}

// measure asks a scaler as KEDA's scale handler does at each poll.
func measure(ctx context.Context, job *kedav1alpha1.ScaledJob, scaler scalers.Scaler) (scaledjob.ScalerMetrics, error) {
	specs := scaler.GetMetricSpecForScaling(ctx)
	metrics, active, err := scaler.GetMetricsAndActivity(ctx, specs[0].External.Metric.Name)
	if err != nil {
		return scaledjob.ScalerMetrics{}, err
	}
	length, most, _ := scaledjob.CalculateQueueLengthAndMaxValue(metrics, specs, job.MaxReplicaCount())
	return scaledjob.ScalerMetrics{QueueLength: length, MaxValue: most, IsActive: active}, nil
}
