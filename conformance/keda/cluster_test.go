package keda

import (
	"context"
	"fmt"
	"strconv"
	"time"

	kedav1alpha1 "github.com/kedacore/keda/v2/apis/keda/v1alpha1"
	"github.com/kedacore/keda/v2/pkg/scalers"
	"github.com/kedacore/keda/v2/pkg/scaling/executor"
	"github.com/kedacore/keda/v2/pkg/scaling/scaledjob"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// cluster holds the Jobs that KEDA makes, and one pod of each. Asking for anything else is a nil pointer.
type cluster struct {
	client.Client
	jobs     []*batchv1.Job
	phases   map[string]corev1.PodPhase
	executor executor.ScaleExecutor
}

// silent takes KEDA's events.
type silent struct{}

func (silent) Eventf(runtime.Object, runtime.Object, string, string, string, string, ...any) {}

func newCluster() *cluster {
	scheme := runtime.NewScheme()
	if err := kedav1alpha1.AddToScheme(scheme); err != nil {
		panic(err)
	}
	c := &cluster{phases: map[string]corev1.PodPhase{}}
	c.executor = executor.NewScaleExecutor(c, nil, scheme, 3*time.Second, silent{})
	return c
}

// List answers the two questions of KEDA: which Jobs, and which pods of a Job.
func (c *cluster) List(_ context.Context, list client.ObjectList, options ...client.ListOption) error {
	asked := (&client.ListOptions{}).ApplyOptions(options)
	switch found := list.(type) {
	case *batchv1.JobList:
		for _, job := range c.jobs {
			if asked.LabelSelector.Matches(labels.Set(job.Labels)) {
				found.Items = append(found.Items, *job)
			}
		}
	case *corev1.PodList:
		for _, job := range c.jobs {
			if asked.LabelSelector.Matches(labels.Set{"job-name": job.Name}) {
				found.Items = append(found.Items, corev1.Pod{Status: corev1.PodStatus{Phase: c.phases[job.Name]}})
			}
		}
	default:
		return fmt.Errorf("nobody lists %T", list)
	}
	return nil
}

// Create starts a Job; its pod waits for a node.
func (c *cluster) Create(_ context.Context, object client.Object, _ ...client.CreateOption) error {
	job := object.(*batchv1.Job).DeepCopy()
	job.Name = job.GenerateName + strconv.Itoa(len(c.jobs))
	c.jobs = append(c.jobs, job)
	c.phases[job.Name] = corev1.PodPending
	return nil
}

// unfinished are the Jobs whose pod is there.
func (c *cluster) unfinished() []*batchv1.Job {
	var found []*batchv1.Job
	for _, job := range c.jobs {
		if len(job.Status.Conditions) == 0 {
			found = append(found, job)
		}
	}
	return found
}

// start lets all pods run that waited.
func (c *cluster) start() {
	for _, job := range c.unfinished() {
		c.phases[job.Name] = corev1.PodRunning
	}
}

// finish ends the oldest pod.
func (c *cluster) finish() {
	job := c.unfinished()[0]
	c.phases[job.Name] = corev1.PodSucceeded
	job.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobComplete, Status: corev1.ConditionTrue}}
}

// poll is what KEDA does every pollingInterval.
func (c *cluster) poll(ctx context.Context, job *kedav1alpha1.ScaledJob, scaler scalers.Scaler) error {
	metrics, err := measure(ctx, job, scaler)
	if err != nil {
		return err
	}
	active, length, most, _ := scaledjob.IsScaledJobActive([]scaledjob.ScalerMetrics{metrics}, job.Spec.ScalingStrategy.MultipleScalersCalculation, job.MinReplicaCount(), job.MaxReplicaCount())
	return c.executor.RequestJobScale(ctx, job.DeepCopy(), active, false, length, most, executor.ScaleExecutorOptions{}).Error
}
