"""Begins plugins, and keeps their manifests in step with their declarations."""

from callboard.plugins.scaffold.new import begin
from callboard.plugins.scaffold.project import Project, declared, read_project, written_manifest

__all__ = ["Project", "begin", "declared", "read_project", "written_manifest"]
