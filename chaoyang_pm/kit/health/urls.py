from django.urls import path

from chaoyang_pm.kit.health.views import healthz

urlpatterns = [path("healthz", healthz, name="healthz")]
