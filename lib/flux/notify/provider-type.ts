/**
 * The types of Flux's notification providers.
 *
 * @see https://fluxcd.io/flux/components/notification/providers/
 */
export enum ProviderType {
  /** Slack. */
  SLACK = 'slack',
  /** Discord. */
  DISCORD = 'discord',
  /** Microsoft Teams. */
  MSTEAMS = 'msteams',
  /** Rocket.Chat. */
  ROCKET = 'rocket',
  /** A server that accepts Flux's events as JSON. */
  GENERIC = 'generic',
  /** A server that accepts signed events as JSON. */
  GENERIC_HMAC = 'generic-hmac',
  /** Commit statuses at GitHub. */
  GITHUB = 'github',
  /** Comments in pull requests at GitHub. Flux 2.8 and newer. */
  GITHUB_PULL_REQUEST_COMMENT = 'githubpullrequestcomment',
  /** Repository dispatch events at GitHub. */
  GITHUB_DISPATCH = 'githubdispatch',
  /** Commit statuses at GitLab. */
  GITLAB = 'gitlab',
  /** Comments in merge requests at GitLab. Flux 2.8 and newer. */
  GITLAB_MERGE_REQUEST_COMMENT = 'gitlabmergerequestcomment',
  /** Commit statuses at Gitea and Forgejo. */
  GITEA = 'gitea',
  /** Comments in pull requests at Gitea and Forgejo. Flux 2.8 and newer. */
  GITEA_PULL_REQUEST_COMMENT = 'giteapullrequestcomment',
  /** Commit statuses at a Bitbucket server. */
  BITBUCKET_SERVER = 'bitbucketserver',
  /** Commit statuses at Bitbucket. */
  BITBUCKET = 'bitbucket',
  /** Commit statuses at Azure DevOps. */
  AZURE_DEVOPS = 'azuredevops',
  /** Google Chat. */
  GOOGLE_CHAT = 'googlechat',
  /** Google Pub/Sub. */
  GOOGLE_PUBSUB = 'googlepubsub',
  /** Webex. */
  WEBEX = 'webex',
  /** Sentry. */
  SENTRY = 'sentry',
  /** Azure Event Hub. */
  AZURE_EVENT_HUB = 'azureeventhub',
  /** Telegram. */
  TELEGRAM = 'telegram',
  /** Lark. */
  LARK = 'lark',
  /** Matrix. */
  MATRIX = 'matrix',
  /** Opsgenie. */
  OPSGENIE = 'opsgenie',
  /** Prometheus Alertmanager. */
  ALERTMANAGER = 'alertmanager',
  /** Annotations of Grafana. */
  GRAFANA = 'grafana',
  /** PagerDuty. */
  PAGERDUTY = 'pagerduty',
  /** Datadog. */
  DATADOG = 'datadog',
  /** NATS. */
  NATS = 'nats',
  /** Zulip. */
  ZULIP = 'zulip',
  /** Traces of OpenTelemetry. */
  OTEL = 'otel',
  /** Zoom. Flux 2.10 and newer. */
  ZOOM = 'zoom',
  /** The service incident.io. Flux 2.10 and newer. */
  INCIDENT_IO = 'incident.io',
  /** Mastodon. Flux 2.10 and newer. */
  MASTODON = 'mastodon',
}

/**
 * The first version of Flux that has a type; types that are not listed are in every supported version.
 *
 * Source: the enumeration of `spec.type` in github.com/fluxcd/notification-controller/api v1.7.5, v1.8.0, v1.9.4 and v1.10.0.
 *
 * @jsii ignore
 */
export const PROVIDER_TYPE_SINCE: Partial<Record<ProviderType, string>> = {
  [ProviderType.GITHUB_PULL_REQUEST_COMMENT]: '2.8',
  [ProviderType.GITLAB_MERGE_REQUEST_COMMENT]: '2.8',
  [ProviderType.GITEA_PULL_REQUEST_COMMENT]: '2.8',
  [ProviderType.ZOOM]: '2.10',
  [ProviderType.INCIDENT_IO]: '2.10',
  [ProviderType.MASTODON]: '2.10',
};
