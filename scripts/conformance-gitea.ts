// The same workflows, for what a Gitea server does with them.
import './conformance-workflow';
