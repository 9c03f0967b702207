from django.contrib.auth.views import LogoutView
from django.urls import path

from communities.people import account_views, factor_views, log_views, views, workbook_views

app_name = "people"
urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("first/<str:token>/", views.FirstAccount.as_view(), name="first_account"),
    path("link/<str:uidb64>/<str:token>/", views.PasswordLink.as_view(), name="link"),
    # one's own account
    path("me/", views.Me.as_view(), name="me"),
    path("me/sessions/", views.EndSessions.as_view(), name="end_sessions"),
    path("me/second-factor/", factor_views.SecondFactor.as_view(), name="second_factor"),
    path("me/second-factor/remove/", factor_views.RemoveSecondFactor.as_view(), name="remove_factor"),
    path("verify/", factor_views.Verify.as_view(), name="verify"),
    path("password/", views.PasswordChange.as_view(), name="password"),
    # those of others
    path("", account_views.Accounts.as_view(), name="accounts"),
    path("new/", account_views.NewAccount.as_view(), name="new"),
    path("workbook/", workbook_views.Workbook.as_view(), name="workbook"),
    path("workbook/template/", workbook_views.Template.as_view(), name="template"),
    path("log-ins/", log_views.LogIns.as_view(), name="log_ins"),
    path("rights/", log_views.Rights.as_view(), name="rights"),
    path("locks/", views.Locks.as_view(), name="locks"),
    path("<int:pk>/", account_views.AccountDetail.as_view(), name="account"),
    path("<int:pk>/name/", account_views.Rename.as_view(), name="rename"),
    path("<int:pk>/active/", account_views.SetActive.as_view(), name="set_active"),
    path("<int:pk>/reset/", account_views.ResetPassword.as_view(), name="reset"),
    path("<int:pk>/appointments/", account_views.Appoint.as_view(), name="appoint"),
    path("<int:pk>/appointments/<int:appointment>/", account_views.EndAppointment.as_view(), name="end_appointment"),
]
